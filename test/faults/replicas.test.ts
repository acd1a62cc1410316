import { describe, expect, test } from 'vitest'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { atRest, surroundings, type Surroundings } from '../support/engine-story.ts'
import type { Death } from '../support/mortal.ts'
import { deathsBetween } from '../support/mortal.ts'
import { incidentOf, ROLLBACK, running, tell } from '../support/rollback-story.ts'
import { LEASE_MS, pass, processOf, sharedLease } from '../support/turn-takers.ts'
import { both, isWrite, outward } from './outward.ts'
import { recorder } from './recorder.ts'

async function typesIn(around: Surroundings): Promise<string[]> {
  return (await around.journal.read(await incidentOf(around))).map(({ event }) => event.type)
}

const postedTwice = ({ slack }: Surroundings) =>
  slack.messages.length - new Set(slack.messages.map(({ key }) => key)).size

describe('of several processes on one journal', () => {
  async function two() {
    const around = surroundings()
    const lease = sharedLease(around)
    const [one, other] = [processOf(around, lease.of('one')), processOf(around, lease.of('other'))]
    await one.engine.resume()
    await other.engine.resume()
    return { around, lease, one, other }
  }

  test('one begins to act with an engine that remembers nothing, whatever it has looked on at', async () => {
    const { around, one, other } = await two()
    await tell(around, one, 0, ROLLBACK.slice(0, 1))
    await pass(around, 1_000, [one, other])
    expect([one.engines(), other.engines()]).toEqual([1, 1])
    await pass(around, LEASE_MS + 1_000, [other])
    expect(other.engine.acts()).toBe(true)
    expect([one.engines(), other.engines()]).toEqual([1, 2])
    around.end()
  })

  test('one acts, and carries out within its turn what the other was told', async () => {
    const { around, one, other } = await two()
    expect([one.engine.acts(), other.engine.acts()]).toEqual([true, false])
    for (const at of ROLLBACK.keys()) {
      const told = at % 2 === 0 ? other : one
      // oxlint-disable-next-line no-await-in-loop -- one after the other, as it is told
      await tell(around, told, at, ROLLBACK.slice(0, at + 1))
      // oxlint-disable-next-line no-await-in-loop -- as above
      await pass(around, 1_000, [one, other])
    }
    const incident = await other.engine.load(await incidentOf(around))
    expect(incident?.plans[0]?.run?.ended?.outcome).toBe('succeeded')
    expect(await running(around)).toBe('v1.9.0,v1.9.0')
    expect(postedTwice(around)).toBe(0)
    expect((await typesIn(around)).filter((type) => type === 'backout-restarted')).toEqual([])
    around.end()
  })

  test('the other does nothing by itself, however often it is woken', async () => {
    const { around, other } = await two()
    await tell(around, other, 0, ROLLBACK.slice(0, 1))
    other.engine.tick()
    await atRest(other.engine, other.life)
    expect(await typesIn(around)).toEqual(['intent-received'])
    expect(around.slack.messages).toEqual([])
    around.end()
  })

  test('one that ends gives the lease back, and the other goes on in its next turn', async () => {
    const { around, one, other } = await two()
    await tell(around, one, 0, ROLLBACK.slice(0, -1))
    await one.engine.stop()
    await pass(around, 1_000, [other])
    expect(other.engine.acts()).toBe(true)
    await tell(around, other, ROLLBACK.length - 1)
    expect(await running(around)).toBe('v1.9.0,v1.9.0')
    around.end()
  })

  test('one that cannot ask for the lease acts until shortly before its end, and the other not yet', async () => {
    const { around, lease, one, other } = await two()
    lease.away = true
    await pass(around, LEASE_MS * 0.7, [one, other])
    expect([one.engine.acts(), other.engine.acts()]).toEqual([true, false])
    await pass(around, LEASE_MS * 0.2, [one, other])
    expect([one.engine.acts(), other.engine.acts()]).toEqual([false, false])
    lease.away = false
    await pass(around, LEASE_MS, [other, one])
    expect([one.engine.acts(), other.engine.acts()]).toEqual([false, true])
    around.end()
  })

  test.each([-20_000, 20_000])(
    'a machine whose clock is %i ms ahead acts no longer than its lease, and takes over no sooner',
    async (aheadMs) => {
      const around = surroundings()
      const lease = sharedLease(around)
      const one = processOf(around, lease.of('one'), { aheadMs })
      const other = processOf(around, lease.of('other'), { aheadMs: -aheadMs })
      await one.engine.resume()
      await other.engine.resume()
      expect([one.engine.acts(), other.engine.acts()]).toEqual([true, false])
      // The first has no turn any more: it cannot be asked.
      await pass(around, LEASE_MS * 0.7, [other])
      expect([one.engine.acts(), other.engine.acts()]).toEqual([true, false])
      await pass(around, LEASE_MS * 0.2, [other])
      expect([one.engine.acts(), other.engine.acts()]).toEqual([false, false])
      await pass(around, LEASE_MS * 0.2, [other])
      expect([one.engine.acts(), other.engine.acts()]).toEqual([false, true])
      around.end()
    },
  )

  test('one whose journal does not answer as it takes over takes up what is open in a later turn', async () => {
    const { around, lease, one } = await two()
    await tell(around, one, 0, ROLLBACK.slice(0, -1))
    await one.engine.stop()
    const away = { is: true }
    const deaf = processOf(around, lease.of('deaf'), {
      ways: {
        journal: (inner) => ({
          ...inner,
          async read(...args) {
            if (!away.is) return inner.read(...args)
            throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'no answer' })
          },
        }),
      },
    })
    await deaf.engine.resume()
    expect(await typesIn(around)).not.toContain('backout-restarted')
    away.is = false
    await pass(around, 1_000, [deaf])
    expect((await typesIn(around)).filter((type) => type === 'backout-restarted')).toHaveLength(1)
    around.end()
  })

  test('one that was away for a while acts again only with what is written by then', async () => {
    const { around, one, other } = await two()
    await tell(around, one, 0, ROLLBACK.slice(0, -1))
    // It sleeps: no turn of its own.
    await pass(around, LEASE_MS + 1_000, [other])
    expect([one.engine.acts(), other.engine.acts()]).toEqual([false, true])
    await tell(around, other, ROLLBACK.length - 1)
    await pass(around, 1_000, [one, other])
    expect([one.engine.acts(), other.engine.acts()]).toEqual([false, true])
    await other.engine.stop()
    await pass(around, 1_000, [one])
    expect(one.engine.acts()).toBe(true)
    const incident = await one.engine.load(await incidentOf(around))
    expect(incident?.plans[0]?.run?.ended?.outcome).toBe('succeeded')
    expect(postedTwice(around)).toBe(0)
    around.end()
  })
})

/** A rollback told to the one that acts, which dies or freezes; the other is there all the time. */
async function takenOver(trouble: { readonly death?: Death; readonly frozenAt?: number }) {
  const around = surroundings()
  const lease = sharedLease(around)
  const seen = recorder(around)
  const thawed = Promise.withResolvers<void>()
  const frozen = Promise.withResolvers<void>()
  let writes = 0
  const freezing = outward(async (call, make) => {
    if (call.port !== 'cluster' || !isWrite(call)) return make()
    writes += 1
    if (writes !== trouble.frozenAt) return make()
    frozen.resolve()
    await thawed.promise
    return make()
  })
  const one = processOf(around, lease.of('one'), {
    death: trouble.death ?? null,
    ways: both(freezing, seen.ways),
  })
  const other = processOf(around, lease.of('other'), { ways: seen.ways })
  await one.engine.resume()
  await other.engine.resume()
  let reached = await tell(around, one, 0, ROLLBACK.slice(0, -1))
  const unsigned = one.life.calls
  if (!one.life.dead) {
    const telling = tell(around, one, reached, ROLLBACK)
    const at = await Promise.race([telling, frozen.promise])
    if (typeof at === 'number') reached = at
    else {
      // As after SIGSTOP for two leases: the other has acted meanwhile.
      await pass(around, 2 * LEASE_MS, [other])
      await pass(around, 1_000, [other])
      thawed.resolve()
      await one.engine.turn()
      reached = await telling
    }
  }
  for (let turns = 0; turns < 2; turns += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await pass(around, LEASE_MS + 2_000, [one, other])
  }
  await tell(around, other, reached, ROLLBACK)
  const types = await typesIn(around)
  const left = {
    writes,
    effects: one.life.effects.filter((at) => at > unsigned),
    written: seen.written.toSorted(),
    runs: await running(around),
    acts: other.engine.acts(),
    outcome: (await other.engine.load(await incidentOf(around)))?.plans[0]?.run?.ended?.outcome,
    started: types.filter((type) => type === 'run-started').length,
    twice: postedTwice(around),
    proof: verifyJournal(around.file).kind,
  }
  around.end()
  return left
}

const RIGHT = {
  written: ['backend to v1.9.0', 'frontend to v1.9.0'],
  runs: 'v1.9.0,v1.9.0',
  outcome: 'succeeded',
  started: 1,
  twice: 0,
  proof: 'intact',
}

describe('when the one that acts', async () => {
  const unharmed = await takenOver({})
  const deaths = deathsBetween(unharmed.effects)
  const writes = Array.from({ length: unharmed.writes }, (_, at) => at + 1)

  test('lives, it does all of it', () => {
    console.log(`takeovers: ${deaths.length} deaths, ${writes.length} frozen writes`)
    expect(deaths.length).toBeGreaterThan(20)
    expect(writes.length).toBeGreaterThan(1)
    expect(unharmed).toMatchObject({ ...RIGHT, acts: false })
  })

  test.each(deaths)('dies at call $at, $when, the other ends it (J1, J4, J5)', async (death) => {
    expect(await takenOver({ death })).toMatchObject({ ...RIGHT, acts: true })
  })

  test.each(writes)(
    'is frozen in write %i for two leases, nothing is done twice (J5)',
    async (frozenAt) => {
      expect(await takenOver({ frozenAt })).toMatchObject(RIGHT)
    },
  )
})
