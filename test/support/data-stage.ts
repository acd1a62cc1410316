import type { DataOptions } from '../../src/sandbox/database/simulated-data.ts'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { patience } from './contracts/outside.ts'
import { assessSettings as settings } from './contracts/settings.ts'
import { expect } from 'vitest'

export const T0 = Date.UTC(2026, 10, 22, 3, 12, 7)
export const minutes = (count: number): number => count * 60_000
export const unheard = () => undefined
const LIVE = ['projects', 'organizations'] as const
export const kept = (role: 'try' | 'new' | 'old', name: string) =>
  `__rb_20261122-abcd_p1_${role}${role === 'try' ? 'a' : ''}__${name}`
export const done = { kind: 'done' }

export type DataStage = ReturnType<typeof dataStage>

/** The sandbox with a database: nobody waits, and time passes when it is told to. */
export function dataStage(
  database: DataOptions = {},
  scenario: ScenarioName = 'data-corruption',
  platform: 'kubernetes' | 'docker' = 'kubernetes',
) {
  let nowMs = T0
  const clock = { now: () => nowMs }
  const sandbox = sandboxWorld({ scenario, clock, settings, slowestMs: 0, database, platform })
  const { collections, backups, endpoints } = sandbox.world
  const { onData } = sandbox
  if (!collections || !backups || !onData) throw new Error('the scenario has data')
  const pass = (ms: number) => void (nowMs += ms)

  const uuidOf = async (name: string): Promise<string> =>
    (await collections.list(patience())).find((one) => one.name === name)?.uuid ?? ''
  const newest = async () => {
    const [first] = await backups.list(patience())
    if (!first) throw new Error('there are backups')
    return first
  }
  const restore = async (id: string, pairs: readonly { name: string; as: string }[]) => {
    const { bytes = 0 } = (await backups.list(patience())).find((one) => one.id === id) ?? {}
    return backups.restore({ id, bytes, sha256: null, collections: pairs }, unheard, patience())
  }
  const rename = async (from: string, to: string) =>
    collections.rename({ uuid: await uuidOf(from), from, to }, patience())

  return {
    ...sandbox,
    collections,
    backups,
    onData,
    pass,
    newest,
    restore,
    rename,
    /** What somebody reads who is not logged in; 500: what is behind it fails. */
    status: async () =>
      (await endpoints.ask({ url: 'http://backend.test/api/documents', signal: patience() }))
        .status,
    restoreBeside: async () =>
      restore(
        (await newest()).id,
        LIVE.map((name) => ({ name, as: kept('new', name) })),
      ),
    async switchAll() {
      for (const name of LIVE) {
        expect(await rename(name, kept('old', name))).toEqual(done)
        expect(await rename(kept('new', name), name)).toEqual(done)
      }
    },
    compare: (live: string, backup: string) =>
      collections.compare({ live, backup }, unheard, patience()),
  }
}
