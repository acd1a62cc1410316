import type { ConfigMapKey, ConfigMaps } from '../../ports/config-maps.ts'
import type { Manager } from '../../ports/deployment-state.ts'
import type { Written } from '../../ports/deployments.ts'
import { identity } from '../metrics/noise.ts'
import type { Stage } from '../production.ts'
import { answering } from '../simulated-availability.ts'
import { wholeSecond } from './deployments.ts'

/** A ConfigMap as somebody makes it. */
export type SimulatedConfigMap = {
  readonly data: Readonly<Record<string, string>>
  /** Keys that hold bytes. */
  readonly binary?: readonly string[]
  readonly immutable?: boolean
  readonly ownedBy?: string | null
  readonly managedBy?: readonly Manager[]
}

type State = {
  readonly sinceMs: number
  readonly data: Readonly<Record<string, string>>
}

type Kept = Required<Omit<SimulatedConfigMap, 'data'>> & {
  /** Counts the ConfigMaps of that name that there have been. */
  readonly made: number
  readonly version: number
  readonly lastWrite: string | null
  /** What it has held, the newest last. */
  readonly states: readonly State[]
}

/** The hands of other people on the ConfigMaps. */
export type ConfigMapHands = {
  /** In the place of one of that name, if there is one. */
  readonly put: (name: string, map: SimulatedConfigMap) => void
  /** `null`: the key is taken away. */
  readonly set: (name: string, key: string, value: string | null) => void
  readonly remove: (name: string) => void
}

export type SimulatedConfigMaps = ReturnType<typeof simulatedConfigMaps>

export function simulatedConfigMaps(
  { now, deployedAtMs }: Pick<Stage, 'now' | 'deployedAtMs'>,
  initial: Readonly<Record<string, SimulatedConfigMap>>,
) {
  const all = new Map<string, Kept>()
  let versions = 0
  let made = 0

  function begun(map: SimulatedConfigMap, sinceMs: number): Kept {
    const { data, binary = [], immutable = false, ownedBy = null, managedBy = [] } = map
    const states = [{ sinceMs, data }]
    made += 1
    versions += 1
    const own = { made, version: versions, lastWrite: null, states }
    return { binary, immutable, ownedBy, managedBy, ...own }
  }

  function change(name: string, key: string, value: string | null, lastWrite?: string): void {
    const kept = all.get(name)
    if (!kept) return
    const { [key]: _, ...others } = dataOf(kept)
    const data = value === null ? others : { ...others, [key]: value }
    const states = [...kept.states, { sinceMs: now(), data }]
    versions += 1
    const mark = lastWrite === undefined ? {} : { lastWrite }
    all.set(name, { ...kept, version: versions, states, ...mark })
  }

  function reset(): void {
    all.clear()
    for (const [name, map] of Object.entries(initial)) all.set(name, begun(map, deployedAtMs))
  }
  reset()

  const hands: ConfigMapHands = {
    put: (name, map) => void all.set(name, begun(map, now())),
    set: (name, key, value) => change(name, key, value),
    remove: (name) => void all.delete(name),
  }
  return {
    find: (name: string): Kept | undefined => all.get(name),
    change,
    hands,
    reset,

    /** The one that holds this key from the beginning. */
    nameWith: (key: string): string | null =>
      Object.keys(initial).find((name) => key in (initial[name]?.data ?? {})) ?? null,

    /** What a pod got that began at that moment. */
    valueAt(name: string, key: string, atMs: number): string | null {
      const state = all.get(name)?.states.findLast(({ sinceMs }) => sinceMs <= atMs)
      return state?.data[key] ?? null
    },
  }
}

function dataOf({ states }: Kept): Readonly<Record<string, string>> {
  return states.at(-1)?.data ?? {}
}

/** The port over them. */
export function sandboxConfigMaps(stage: Stage, maps: SimulatedConfigMaps): ConfigMaps {
  const answer = answering('kubernetes', stage)
  const ask = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    answer(stage.production().kubernetes, signal, what)

  function find(name: string, key: string): ConfigMapKey | null {
    const kept = maps.find(name)
    if (!kept) return null
    const { made, version, binary, immutable, ownedBy, managedBy, lastWrite } = kept
    return {
      configMap: name,
      key,
      uid: identity(stage.seed, `config map ${name} ${made}`),
      version: String(version),
      value: dataOf(kept)[key] ?? null,
      changedAt: changedAt(kept, key),
      ...lastWritten(kept),
      binary: binary.includes(key),
      immutable,
      ownedBy,
      managedBy,
      lastWrite,
    }
  }

  return {
    find: (name, key, signal) => ask(signal, () => find(name, key)),
    write: ({ seen, to }, { key: lastWrite, dryRun, signal }) =>
      ask(signal, (): Written => {
        const { configMap, key } = seen
        const now = find(configMap, key)
        const same =
          now?.uid === seen.uid && now.version === seen.version && now.value === seen.value
        if (!same) return { kind: 'changed-meanwhile' }
        if (now.immutable) {
          const because = 'rejected as invalid: it is immutable'
          return { kind: 'refused', because }
        }
        if (!dryRun) maps.change(configMap, key, to, lastWrite)
        return { kind: 'written' }
      }),
  }
}

function lastWritten({ states }: Kept): Pick<ConfigMapKey, 'lastWritten'> {
  const last = states.at(-1)
  return last ? { lastWritten: { at: wholeSecond(last.sinceMs), by: null } } : {}
}

function changedAt({ states }: Kept, key: string): string | null {
  const value = states.at(-1)?.data[key]
  if (value === undefined) return null
  const first = states.findLastIndex(({ data }) => data[key] !== value) + 1
  return wholeSecond(states[first]?.sinceMs ?? 0)
}
