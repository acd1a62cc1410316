import { z } from 'zod'
import { FlagValue, flagInWords } from '../../../domain/plan/flag-value.ts'
import { defineStep } from '../../../engine/run/step.ts'
import { namesUpTo } from '../../../domain/text/names-up-to.ts'
import type { Verification } from '../../../engine/run/step.ts'
import type { FlagHolder, StoredFlag } from '../../../ports/flag-stores.ts'
import { flagStoresOf } from '../../parts/require-port.ts'

const Input = z.object({
  store: z.string(),
  identity: z.string(),
  from: FlagValue,
  to: FlagValue,
  /** Who did not run before it, and would not by itself. */
  down: z.array(z.string()).optional(),
})

/** So many are called by their names. */
const MOST_NAMED = 3

/** A flag gets another value where it is kept, and everybody who has it from there is seen to have it. */
export const setStoredFlag = defineStep({
  id: 'set-stored-flag',
  input: Input,
  deadlineMs: () => 3 * 60_000,
  onAbort: 'finish',

  subject: ({ store }) => store,

  title: ({ store, to }) =>
    to === null ? `Take ${store} away` : `Set ${store} to ${flagInWords(to)}`,

  changes: ({ store, from, to }) => [{ what: store, from: flagInWords(from), to: flagInWords(to) }],

  async inspect({ world, signal }, { store, identity, from, to, down }) {
    const found = await flagStoresOf(world).look(store, to, signal)
    const blocked = (says: string) =>
      ({ kind: 'blocked', begun: 'no-mark', says: `${store}: ${says}` }) as const
    if (found.identity !== identity) return blocked('it is another one of the same name now')
    if (isEverywhere(found, to)) {
      // It is there, and whoever has got it has yet to come up.
      if (fallen(found, down).length > 0)
        return { kind: 'needed', begun: 'no-mark', seen: 'set' as const }
      return { kind: 'done', begun: 'no-mark', says: `it is ${flagInWords(to)} already` }
    }
    // It says so, and not everybody who has it from there has it.
    if (found.value === from || found.value === to) {
      return { kind: 'needed', begun: 'no-mark', seen: 'other' as const }
    }
    return blocked(`somebody set it to ${flagInWords(found.value)} meanwhile`)
  },

  async apply({ world, signal, cause }, { store, identity, from, to }, seen) {
    if (seen === 'set') return { kind: 'written' }
    const write = { identity, from, to }
    const said = await flagStoresOf(world).write(store, write, { cause, signal })
    if (said.kind === 'refused') return { kind: 'refused', applied: 'no', says: said.because }
    return said.kind === 'written' ? { kind: 'written' } : { kind: 'look-again' }
  },

  async verify({ world, signal }, { store, identity, to, down }) {
    const found = await flagStoresOf(world).look(store, to, signal)
    if (found.identity !== identity) {
      return { kind: 'failed', says: `${store}: it is another one of the same name now` }
    }
    if (isEverywhere(found, to)) return withThoseThatFell(found, { store, to, down })
    const others = found.holders.filter(({ value }) => value !== to)
    const still = others.map(({ name, value }) => `${name} still has ${flagInWords(value)}`)
    const says = still.length > 0 ? still.join(', ') : `it still says ${flagInWords(found.value)}`
    return { kind: 'not-yet', says: `${store}: ${says}` }
  },

  async adviseUndo({ world, signal }, { store, to }) {
    const { cautions } = await flagStoresOf(world).look(store, to, signal)
    return { problem: null, cautions }
  },

  onUndo: { kind: 'invert', input: ({ from, to, ...rest }) => ({ ...rest, from: to, to: from }) },
})

/** Who does not run, and did before it. */
function fallen({ holders }: StoredFlag, before: readonly string[] = []): readonly FlagHolder[] {
  return holders.filter(({ name, down }) => down !== undefined && !before.includes(name))
}

/** The flag is switched; whether those that have it run is another question, and not one to be left out. */
function withThoseThatFell(
  found: StoredFlag,
  { store, to, down }: Pick<z.infer<typeof Input>, 'store' | 'to' | 'down'>,
): Verification {
  const now = fallen(found, down)
  if (now.length === 0) {
    const still = found.holders.filter((one) => one.down !== undefined)
    const asBefore = still.length > 0 ? `; as before it, ${notRunning(still, found)}` : ''
    return { kind: 'verified', says: `${heldInWords(found, to)}${asBefore}` }
  }
  const kind = now.some((one) => one.down?.givenUp === true) ? 'failed' : 'not-yet'
  return { kind, says: `${store}: it says ${flagInWords(to)}, but ${notRunning(now, found)}` }
}

function notRunning(down: readonly FlagHolder[], { holders }: StoredFlag): string {
  const named = down.map((one) => `${one.name} (${one.down?.says ?? ''})`)
  const verb = down.length === 1 ? 'does' : 'do'
  return `${down.length} of ${holders.length} ${verb} not run: ${namesUpTo(MOST_NAMED, named)}`
}

function isEverywhere({ value, holders }: StoredFlag, wanted: FlagValue): boolean {
  return value === wanted && holders.every((one) => one.value === wanted)
}

function heldInWords({ holders }: StoredFlag, to: FlagValue): string {
  const all = holders.length
  const held = all === 0 ? '' : `, and so do ${all} of ${all} that have it from there`
  return `it says ${flagInWords(to)}${held}`
}
