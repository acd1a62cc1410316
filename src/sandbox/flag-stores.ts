import { Fault } from '../domain/base/fault.ts'
import type { FlagValue } from '../domain/plan/flag-value.ts'
import type { FlagStores, StoredFlag } from '../ports/flag-stores.ts'
import type { Availability, Stage } from './production.ts'
import { answering } from './simulated-availability.ts'

/** A flag as its store begins. */
export type SimulatedFlag = {
  readonly value: FlagValue
  /** Whoever has it from there; left out: the store does not know. */
  readonly holders?: readonly string[]
  readonly obstacle?: string | null
  readonly cautions?: readonly string[]
}

type Kept = {
  /** Counts the flags of that name that there have been. */
  readonly generation: number
  readonly value: FlagValue
  readonly holders: ReadonlyMap<string, FlagValue>
  readonly obstacle: string | null
  readonly cautions: readonly string[]
}

/** The hands of other people on the stores. */
export type FlagHands = {
  readonly set: (store: string, value: FlagValue) => void
  /** One of those who have it from there does not hear of changes, and goes by this. */
  readonly setHolder: (store: string, holder: string, value: FlagValue) => void
  readonly obstruct: (store: string, because: string | null) => void
  /** Another flag of the same name. */
  readonly replace: (store: string) => void
  readonly remove: (store: string) => void
}

export type SimulatedFlags = ReturnType<typeof simulatedFlags>

export function simulatedFlags(initial: Readonly<Record<string, SimulatedFlag>>) {
  const kept = new Map<string, Kept>()

  function reset(): void {
    kept.clear()
    for (const [store, flag] of Object.entries(initial)) kept.set(store, begun(flag))
  }
  reset()

  function change(store: string, changes: Partial<Kept>): void {
    const flag = kept.get(store)
    if (flag) kept.set(store, { ...flag, ...changes })
  }

  function set(store: string, value: FlagValue): void {
    const names = [...(kept.get(store)?.holders.keys() ?? [])]
    change(store, { value, holders: new Map(names.map((name) => [name, value])) })
  }

  const hands: FlagHands = {
    set,
    setHolder(store, holder, value) {
      const holders = kept.get(store)?.holders ?? new Map<string, FlagValue>()
      change(store, { holders: new Map([...holders, [holder, value]]) })
    },
    obstruct: (store, because) => change(store, { obstacle: because }),
    replace: (store) => change(store, { generation: (kept.get(store)?.generation ?? 0) + 1 }),
    remove: (store) => void kept.delete(store),
  }
  return { find: (store: string) => kept.get(store), set, hands, reset }
}

function begun({ value, holders = [], obstacle = null, cautions = [] }: SimulatedFlag): Kept {
  const all = new Map(holders.map((name) => [name, value]))
  return { generation: 1, value, holders: all, obstacle, cautions }
}

/** Like the real ones, these cannot make a flag absent again that was once set. */
export function sandboxFlagStores(stage: Stage, flags: SimulatedFlags): FlagStores {
  const answer = answering('flag store', stage)
  const ask = <T>(store: string, signal: AbortSignal, what: () => T): Promise<T> => {
    const availability: Availability = stage.production().flagStores[store] ?? 'answering'
    return answer(availability, signal, what)
  }

  function look(store: string, wanted: FlagValue): StoredFlag {
    const kept = flags.find(store)
    if (!kept) {
      const detail = `there is no ${store}`
      throw new Fault({ kind: 'terminal', dependency: 'flag store', detail })
    }
    const values = [kept.value, ...kept.holders.values()]
    const other = values.find((value) => value !== wanted)
    return {
      identity: `${store} #${kept.generation}`,
      value: other === undefined ? wanted : other,
      holders: [...kept.holders].map(([name, value]) => ({ name, value })),
      obstacle: kept.obstacle,
      cautions: kept.cautions,
    }
  }

  return {
    look: (store, wanted, signal) => ask(store, signal, () => look(store, wanted)),
    write: (store, { identity, from, to }, { signal }) =>
      ask(store, signal, () => {
        const seen = look(store, to)
        if (seen.identity !== identity || seen.value !== from) return { kind: 'changed-meanwhile' }
        const because = to === null ? 'it cannot be made absent again' : seen.obstacle
        if (because !== null) return { kind: 'refused', because }
        flags.set(store, to)
        return { kind: 'written' }
      }),
  }
}
