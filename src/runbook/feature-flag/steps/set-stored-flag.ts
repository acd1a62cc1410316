import { z } from 'zod'
import { FlagValue, flagInWords } from '../../../domain/plan/flag-value.ts'
import { defineStep } from '../../../engine/run/step.ts'
import type { StoredFlag } from '../../../ports/flag-stores.ts'
import { flagStoresOf } from '../../parts/require-port.ts'

/** A flag gets another value where it is kept, and everybody who has it from there is seen to have it. */
export const setStoredFlag = defineStep({
  id: 'set-stored-flag',
  input: z.object({
    store: z.string(),
    identity: z.string(),
    from: FlagValue,
    to: FlagValue,
  }),
  deadlineMs: () => 3 * 60_000,
  onAbort: 'finish',

  subject: ({ store }) => store,

  title: ({ store, to }) =>
    to === null ? `Take ${store} away` : `Set ${store} to ${flagInWords(to)}`,

  changes: ({ store, from, to }) => [{ what: store, from: flagInWords(from), to: flagInWords(to) }],

  async inspect({ world, signal }, { store, identity, from, to }) {
    const found = await flagStoresOf(world).look(store, to, signal)
    const blocked = (says: string) =>
      ({ kind: 'blocked', begun: 'no-mark', says: `${store}: ${says}` }) as const
    if (found.identity !== identity) return blocked('it is another one of the same name now')
    if (isEverywhere(found, to)) {
      return { kind: 'done', begun: 'no-mark', says: `it is ${flagInWords(to)} already` }
    }
    if (found.value === from) return { kind: 'needed', begun: 'no-mark', seen: null }
    if (found.value === to) return { kind: 'needed', begun: 'no-mark', seen: null }
    return blocked(`somebody set it to ${flagInWords(found.value)} meanwhile`)
  },

  async apply({ world, signal, cause }, { store, identity, from, to }) {
    const write = { identity, from, to }
    const said = await flagStoresOf(world).write(store, write, { cause, signal })
    if (said.kind === 'refused') return { kind: 'refused', applied: 'no', says: said.because }
    return said.kind === 'written' ? { kind: 'written' } : { kind: 'look-again' }
  },

  async verify({ world, signal }, { store, identity, to }) {
    const found = await flagStoresOf(world).look(store, to, signal)
    if (found.identity !== identity) {
      return { kind: 'failed', says: `${store}: it is another one of the same name now` }
    }
    if (isEverywhere(found, to)) return { kind: 'verified', says: heldInWords(found, to) }
    const others = found.holders.filter(({ value }) => value !== to)
    const still = others.map(({ name, value }) => `${name} still has ${flagInWords(value)}`)
    const says = still.length > 0 ? still.join(', ') : `it still says ${flagInWords(found.value)}`
    return { kind: 'not-yet', says: `${store}: ${says}` }
  },

  onUndo: { kind: 'invert', input: ({ from, to, ...rest }) => ({ ...rest, from: to, to: from }) },
})

function isEverywhere({ value, holders }: StoredFlag, wanted: FlagValue): boolean {
  return value === wanted && holders.every((one) => one.value === wanted)
}

function heldInWords({ holders }: StoredFlag, to: FlagValue): string {
  const all = holders.length
  const held = all === 0 ? '' : `, and so do ${all} of ${all} that have it from there`
  return `it says ${flagInWords(to)}${held}`
}
