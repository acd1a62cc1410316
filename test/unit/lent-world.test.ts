import { setImmediate as soon } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { borrow } from '../../src/compose/demo/borrowed-world.ts'
import { lend } from '../../src/compose/demo/lent-world.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { World } from '../../src/ports/world.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { assessSettings } from '../support/contracts/settings.ts'
import { patience } from '../support/contracts/outside.ts'

const clock = { now: () => Date.UTC(2026, 10, 22, 3, 12) }
const production = (
  scenario: 'errors-62' | 'redis-down' = 'errors-62',
  platform: 'kubernetes' | 'docker' = 'kubernetes',
) =>
  sandboxWorld({ scenario, clock, settings: assessSettings, slowestMs: 0, platform, database: {} })
    .world

/** As between two processes: nothing goes over that cannot be copied. */
function borrowed(world: World) {
  const platform = world.containers ? 'docker' : 'kubernetes'
  const { world: ours, hear } = borrow((question) => toParent(structuredClone(question)), platform)
  const toParent = lend(world, (answer) => hear(structuredClone(answer)))
  return ours
}

const PORTS = [
  'endpoints',
  'metrics',
  'cache',
  'database',
  'collections',
  'backups',
  'workloads',
  'deployments',
  'containers',
  'ledger',
  'owners',
  'alerts',
] as const

describe('a production that is asked over a channel', () => {
  test.each(PORTS)('has every method that a production has: %s', (port) => {
    const names = (of: World) => Object.keys(of[port] ?? {}).toSorted()
    for (const platform of ['kubernetes', 'docker'] as const) {
      const whole = production('errors-62', platform)
      expect(names(borrowed(whole))).toEqual(names(whole))
    }
  })

  test('is written to, and tells how far it is', async () => {
    const there = borrowed(production('errors-62', 'docker'))
    const [one] = (await there.containers?.sightings(['backend'], patience())) ?? []
    const { host, id, image } = one!
    const write = { kind: 'stop', host, id } as const
    expect(await there.containers?.write(write, patience())).toEqual({ kind: 'done' })
    const wanted = { ...image, digest: image.digest ?? '' }
    const told: unknown[] = []
    const pulled = there.containers?.pull(host, wanted, (value) => told.push(value), patience())
    expect(await pulled).toEqual({ kind: 'there', id: image.id })
    expect(told.at(-1)).toEqual({ done: 48_000_000, total: 48_000_000 })
  })

  test('tells of a restore while it goes on, and stops it when nobody waits any more', async () => {
    const there = borrowed(production())
    const [newest] = (await there.backups?.list(patience())) ?? []
    const { id, bytes } = newest!
    const giveUp = new AbortController()
    const told: number[] = []
    const collections = [{ name: 'projects', as: '__rb_1_p1_trya__projects' }]
    const restored = there.backups?.restore(
      { id, bytes, sha256: null, collections },
      ({ done }) => {
        told.push(done)
        giveUp.abort()
      },
      giveUp.signal,
    )
    await expect(restored).rejects.toMatchObject({ kind: 'retryable', code: 'ETIMEDOUT' })
    expect(told[0]).toBeGreaterThan(0)
    expect(told.at(-1)).toBeLessThan(bytes)
  })

  test('answers as the one behind it', async () => {
    const [here, there] = [production(), borrowed(production())]
    const services = ['backend', 'frontend']
    expect(await there.workloads?.list(services, patience())).toEqual(
      await here.workloads?.list(services, patience()),
    )
    const question = { url: 'http://backend.test/health', signal: patience() }
    expect(await there.endpoints.ask(question)).toEqual(await here.endpoints.ask(question))
  })

  test('hands over what is kept as evidence, piece by piece', async () => {
    const kept = async (world: World) => {
      const all: string[] = []
      for await (const piece of world.workloads?.evidence('backend', patience()) ?? []) {
        let text = ''
        if ('text' in piece) for await (const chunk of piece.text) text += chunk
        all.push(`${piece.name}: ${text}`)
      }
      return all
    }
    const pieces = await kept(borrowed(production()))
    expect(pieces.length).toBeGreaterThan(3)
    expect(pieces).toEqual(await kept(production()))
  })

  test('fails as the one behind it, with the fault in all its parts', async () => {
    const there = borrowed(production('redis-down'))
    const faultOf = async (world: World) => {
      const failed = await world.cache?.ping(patience()).catch((error: unknown) => error)
      if (!(failed instanceof Fault)) throw new Error('it did not fail')
      const { kind, dependency, detail, code, retryAfterMs } = failed
      return { kind, dependency, detail, code, retryAfterMs }
    }
    expect(await faultOf(there)).toEqual(await faultOf(production('redis-down')))
  })

  test('hears that nobody waits any more', async () => {
    let heard: AbortSignal | null = null
    const world = production()
    const hanging: World = {
      ...world,
      database: {
        ...world.database!,
        ping: (signal) => {
          heard = signal
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => reject(new Error('given up')))
          })
        },
      },
    }
    const giveUp = new AbortController()
    const asked = borrowed(hanging).database!.ping(giveUp.signal).catch(String)
    await soon()
    expect(heard).toMatchObject({ aborted: false })
    giveUp.abort()
    expect(await asked).toBe('Error: Error: given up')
    expect(heard).toMatchObject({ aborted: true })
  })
})
