import type { StoredFlag } from '../../ports/flag-stores.ts'
import { readAs, type Unleash } from './ask.ts'
import { Events } from './schema.ts'

/** What a flag is for whom changes with these; the first two are a switch. */
const SWITCHES = ['feature-environment-enabled', 'feature-environment-disabled']
const CHANGES = [
  ...SWITCHES,
  'feature-strategy-add',
  'feature-strategy-update',
  'feature-strategy-remove',
  'feature-environment-variants-updated',
]

/** Older servers take no notice of some conditions: the newest that fits is among so many. */
const LOOKED_AT = 50

/** For what nobody waits long: it only says when. */
const PATIENCE_MS = 1_000

type Where = { readonly feature: string; readonly project: string; readonly environment: string }

/**
 * When the flag was last switched or changed there, from the server's own log of events, which every user may search.
 * `null`: it is not known. Never throws.
 */
export async function lastChangeOf(
  unleash: Unleash,
  { feature, project, environment }: Where,
  { token, signal }: { readonly token: string; readonly signal: AbortSignal },
): Promise<NonNullable<StoredFlag['lastChange']> | null> {
  const asked = new URLSearchParams({
    project: `IS:${project}`,
    feature: `IS:${feature}`,
    environment: `IS:${environment}`,
    type: `IS_ANY_OF:${CHANGES.join()}`,
    limit: String(LOOKED_AT),
  })
  const soon = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)])
  try {
    const path = `/api/admin/search/events?${asked.toString()}`
    const { events } = readAs(Events, await unleash.get(path, { token, signal: soon }))
    const ours = events
      .filter((one) => one.featureName === feature && one.environment === environment)
      .filter(({ type }) => CHANGES.includes(type))
      .toSorted((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt))
    const [newest] = ours
    if (!newest) return null
    // Switched on where it has no strategy, it gets one in the same moment.
    const isSwitch = ours.some(
      ({ type, createdAt }) => createdAt === newest.createdAt && SWITCHES.includes(type),
    )
    return {
      what: isSwitch ? 'switched' : 'changed',
      at: new Date(newest.createdAt).toISOString(),
      by: newest.createdBy?.slice(0, LONGEST_NAME) || null,
    }
  } catch {
    return null
  }
}

const LONGEST_NAME = 80
