import { flagInWords } from '../../domain/plan/flag-value.ts'
import type { Draft } from '../../domain/plan/plan.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import type { FlagSettings } from '../parts/flag-settings.ts'
import type { Part } from '../parts/part.ts'
import type { Renewing } from '../parts/renewing.ts'
import type { Circumstances } from '../procedure.ts'
import { pageToRead } from './read-back.ts'
import { readingsOf, type Reading } from './readings.ts'

/** Instances that go by another value than the one that stands wherever the flag is kept. */
export type Stale = {
  readonly service: string
  readonly names: readonly string[]
  /** `1 of 3 instances reads "true": backend-2, running since …`. */
  readonly says: string
  /** They begin anew. */
  readonly renewed: Part
}

/** What was read where the flag stands right everywhere. */
export type Read =
  | { readonly kind: 'all-right'; readonly says: readonly string[] }
  | { readonly kind: 'stale'; readonly stale: Stale }
  | { readonly kind: 'problem'; readonly because: string }

/** Throws a `Fault`. */
export async function whoIsStale(
  flag: FlagSettings,
  circumstances: Circumstances,
  renewing: Renewing,
  how: Parameters<Renewing>[3],
): Promise<Read> {
  const read = pageToRead(flag, circumstances.settings)
  if (!read) return { kind: 'all-right', says: [] }
  const { page, expected } = read
  const all = await readingsOf(page, circumstances.world, circumstances.signal)
  const stale = all.filter((one) => one.kind === 'read' && one.value !== expected)
  const silent = all.filter((one) => one.kind === 'problem')
  const notRead = silent.map(({ instance: { id }, because }) => `${id} was not read: ${because}`)
  if (stale.length === 0) return { kind: 'all-right', says: notRead }
  const names = stale.map(({ instance }) => instance.id)
  const renewed = await renewing(page.service, names, circumstances, how)
  const count = `${stale.length} of ${all.length} instances ${stale.length === 1 ? 'goes' : 'go'} by another value`
  const says = [`${count}: ${stale.map(inWords).join(', ')}`, ...notRead].join('; ')
  return 'problem' in renewed
    ? { kind: 'problem', because: `${says}; ${renewed.problem}` }
    : { kind: 'stale', stale: { service: page.service, names, says, renewed } }
}

function inWords(one: Reading): string {
  const { id, startedAt } = one.instance
  const value = one.kind === 'read' ? flagInWords(one.value) : 'nothing'
  return `${id} ${value}${startedAt === null ? '' : `, running since ${utcDayAndTime(startedAt)}`}`
}

/** The words of a plan that only lets them begin anew. */
export function staleWords(
  { name, safe }: FlagSettings,
  { service, names, says, renewed }: Stale,
): Pick<Draft, 'title' | 'because' | 'lost' | 'undo' | 'cautions'> {
  return {
    title: `restart ${names.join(', ')} of ${service}, to read ${name}`,
    because: `${name} is ${flagInWords(safe)} already wherever it is kept, and ${says}`,
    lost: 'What they hold in memory only.',
    undo: `There is nothing to undo: ${name} stays as it is.`,
    cautions: [...renewed.cautions],
  }
}
