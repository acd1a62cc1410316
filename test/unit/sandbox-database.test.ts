import { describe, expect, test } from 'vitest'
import type { DataOptions } from '../../src/sandbox/database/simulated-data.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { patience } from '../support/contracts/outside.ts'
import { assessSettings as settings } from '../support/contracts/settings.ts'

const T0 = Date.UTC(2026, 10, 22, 3, 12, 7)
const unheard = () => undefined
const LIVE = ['projects', 'organizations'] as const
const kept = (role: 'new' | 'old', name: string) => `__rb_20261122-abcd_p1_${role}__${name}`

function corrupted(database: DataOptions = {}) {
  let nowMs = T0
  const clock = { now: () => nowMs }
  const options = { scenario: 'data-corruption', clock, settings, slowestMs: 0, database } as const
  const sandbox = sandboxWorld(options)
  const { collections, backups } = sandbox.world
  const { onData } = sandbox
  if (!collections || !backups || !onData) throw new Error('the scenario has data')
  const pass = (ms: number) => void (nowMs += ms)

  return {
    ...sandbox,
    collections,
    backups,
    onData,
    pass,
    async restoreBeside() {
      const [newest] = await backups.list(patience())
      if (!newest?.manifest) throw new Error('the newest backup is verified')
      const { id, bytes, manifest } = newest
      const wanted = LIVE.map((name) => ({ name, as: kept('new', name) }))
      const { sha256 } = manifest.artefact
      const asked = { id, bytes, sha256, collections: wanted }
      return backups.restore(asked, unheard, patience())
    },
    async rename(from: string, to: string) {
      const found = (await collections.list(patience())).find(({ name }) => name === from)
      const write = { uuid: found?.uuid ?? '', from, to }
      expect(await collections.rename(write, patience())).toEqual({ kind: 'done' })
    },
  }
}

describe('a database that a release has corrupted', () => {
  test('fails for users until both collections are switched, and what they wrote is in one that is kept', async () => {
    const { onData, pass, restoreBeside, rename, world } = corrupted()
    const errors = async () => {
      const url = 'http://backend.test/api/documents'
      return (await world.endpoints.ask({ url, signal: patience() })).status
    }
    expect((await restoreBeside()).kind).toBe('restored')
    pass(60_000)
    for (const name of LIVE) {
      expect(await errors()).toBe(500)
      await rename(name, kept('old', name))
      await rename(kept('new', name), name)
    }
    // Asked for without having logged in: it works.
    expect(await errors()).toBe(401)
    pass(60_000)
    expect(onData.written().length).toBeGreaterThan(50)
    expect(onData.lost()).toEqual([])
    onData.drop(kept('old', 'projects'))
    expect(onData.lost().length).toBeGreaterThan(0)
  })
})
