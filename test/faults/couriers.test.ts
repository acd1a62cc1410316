import { describe, expect, test, vi } from 'vitest'
import { Fault, type FaultKind } from '../../src/domain/base/fault.ts'
import { incidentLog } from '../../src/engine/journal/incident-log.ts'
import { couriersOf, type Courier } from '../../src/engine/outbox/couriers.ts'
import type { Journal } from '../../src/ports/journal.ts'
import { surroundings, untilDead, type Surroundings } from '../support/engine-story.ts'
import { deathsAt, mortal, type Death, type Life } from '../support/mortal.ts'

const ID = '20261122-post'
const LATER_MS = 7_000
const HOUR_MS = 60 * 60_000

type Answer = 'arrives' | { readonly kind: FaultKind; readonly retryAfterMs?: number }

/** A pager that answers so, one after the other, and then takes everything. */
function pager(answers: readonly Answer[] = []) {
  const left = [...answers]
  const arrived: string[] = []
  const port = {
    async send(key: string): Promise<{ id: string }> {
      const answer = left.shift() ?? 'arrives'
      if (answer === 'arrives' || answer.kind === 'unknown-outcome') arrived.push(key)
      if (answer !== 'arrives')
        throw new Fault({ dependency: 'pager', detail: answer.kind, ...answer })
      return { id: `arrived-${arrived.length}` }
    },
    async find(key: string): Promise<{ id: string } | null> {
      return arrived.includes(key) ? { id: `found-${key}` } : null
    },
  }
  return { arrived, port }
}

type Port = ReturnType<typeof pager>['port']

/** One process, which owes the hooks `keys` and sends them to this side. */
function process(
  around: Surroundings,
  port: Port,
  {
    keys = ['on-call'],
    asks = true,
    journal = around.journal,
  }: { keys?: readonly string[]; asks?: true | 'cannot be asked'; journal?: Journal } = {},
) {
  const incidents = incidentLog(journal, { reach() {} })
  const courier: Courier<'hook'> = {
    kind: 'hook',
    owed: () => keys.map((key) => ({ key, to: 'on-call' })),
    send: (_, { key }) => port.send(key),
    ...(asks === true && { find: (_: unknown, { key }: { key: string }) => port.find(key) }),
  }
  const couriers = couriersOf({
    couriers: [courier],
    incidents,
    clock: around.clock,
    sleep: async (ms) => {
      around.pass(ms)
      await new Promise((next) => setImmediate(next))
    },
    log: { info() {}, warn() {}, error() {} },
    stopped: new AbortController().signal,
  })
  return {
    /** Something happened in the incident: it is looked through for what it owes. */
    async happens(): Promise<void> {
      await incidents.append(ID, () => [{ type: 'backout-restarted' }])
      couriers.refresh(ID)
      await couriers.settled()
    },
    /** The clock ticks so much later. */
    async ticks(laterMs: number): Promise<void> {
      around.pass(laterMs)
      couriers.retry()
      await couriers.settled()
    },
    delivery: async (key = 'on-call') => (await incidents.load(ID)).outbox.hook[key],
  }
}

describe('what an incident owes', () => {
  test('is sent once each, however often it is looked through, here and after a restart', async () => {
    const around = surroundings()
    const { arrived, port } = pager()
    const keys = ['declared', 'relapse']
    const one = process(around, port, { keys })
    await one.happens()
    await one.happens()
    await process(around, port, { keys }).happens()
    expect(arrived.toSorted()).toEqual(keys)
    expect(await one.delivery('relapse')).toMatchObject({ kind: 'delivered' })
    around.end()
  })

  test.each([true, 'cannot be asked'] as const)(
    'that waits is tried again when its time has come, and says why and since when (%s)',
    async (asks) => {
      const around = surroundings()
      const { arrived, port } = pager([{ kind: 'retryable' }, { kind: 'retryable' }])
      const one = process(around, port, { asks })
      const since = new Date(around.clock.now()).toISOString()
      await one.happens()
      expect(await one.delivery()).toMatchObject({ kind: 'waiting', because: 'retryable', since })
      await one.happens()
      expect(arrived).toEqual([])
      await one.ticks(1_000)
      expect(await one.delivery()).toMatchObject({ kind: 'waiting', since })
      await one.ticks(1_000)
      expect(arrived).toEqual([])
      await one.ticks(1_000)
      expect(arrived).toEqual(['on-call'])
      expect(await one.delivery()).toMatchObject({ kind: 'delivered' })
      around.end()
    },
  )

  test('waits as long as the other side asks for', async () => {
    const around = surroundings()
    const { arrived, port } = pager([{ kind: 'retryable', retryAfterMs: 50_000 }])
    const one = process(around, port)
    await one.happens()
    await one.ticks(49_000)
    expect(arrived).toEqual([])
    await one.ticks(1_000)
    expect(arrived).toEqual(['on-call'])
    around.end()
  })

  test('waits as long as it was asked to, whatever happens meanwhile', async () => {
    const around = surroundings()
    const { arrived, port } = pager([{ kind: 'retryable', retryAfterMs: 50_000 }])
    const { promise, resolve } = Promise.withResolvers<void>()
    let sends = 0
    const slow: Port = {
      ...port,
      async send(key) {
        sends += 1
        await promise
        return port.send(key)
      },
    }
    const one = process(around, slow)
    const first = one.happens()
    await vi.waitFor(() => expect(sends).toBe(1), { timeout: 20_000 })
    const second = one.happens()
    resolve()
    await Promise.all([first, second])
    expect(sends).toBe(1)
    await one.ticks(50_000)
    expect(arrived).toEqual(['on-call'])
    around.end()
  })

  test('that is refused for good is not sent again, and says why', async () => {
    const around = surroundings()
    const { arrived, port } = pager([{ kind: 'terminal' }])
    const one = process(around, port)
    await one.happens()
    await one.ticks(HOUR_MS)
    await process(around, port).happens()
    expect(arrived).toEqual([])
    expect(await one.delivery()).toMatchObject({ kind: 'refused', because: 'terminal' })
    around.end()
  })

  test('of which the answer was lost is looked for, and not sent twice', async () => {
    const around = surroundings()
    const { arrived, port } = pager([{ kind: 'unknown-outcome' }])
    const one = process(around, port)
    await one.happens()
    await one.ticks(LATER_MS)
    expect(arrived).toEqual(['on-call'])
    expect(await one.delivery()).toMatchObject({ receipt: { id: 'found-on-call' } })
    around.end()
  })

  test.each<[FaultKind, string]>([
    ['retryable', 'delivered'],
    ['unknown-outcome', 'delivered'],
    ['terminal', 'unknown'],
  ])('that cannot be looked for (%s) is not sent for that', async (kind, end) => {
    const around = surroundings()
    const { arrived, port } = pager([{ kind: 'unknown-outcome' }])
    let looks = 0
    const blind: Port = {
      ...port,
      async find(key) {
        looks += 1
        if (looks > 2) return port.find(key)
        throw new Fault({ dependency: 'pager', detail: 'no list', kind })
      },
    }
    const one = process(around, blind)
    await one.happens()
    for (let time = 0; time < 5; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one tick after the other
      await one.ticks(60_000)
    }
    expect(arrived).toEqual(['on-call'])
    expect(await one.delivery()).toMatchObject({ kind: end })
    around.end()
  })

  test('of which the answer was lost is left to a person where nobody can be asked', async () => {
    const around = surroundings()
    const { arrived, port } = pager([{ kind: 'unknown-outcome' }])
    const one = process(around, port, { asks: 'cannot be asked' })
    await one.happens()
    await one.ticks(HOUR_MS)
    await process(around, port, { asks: 'cannot be asked' }).happens()
    expect(arrived).toEqual(['on-call'])
    expect(await one.delivery()).toMatchObject({ kind: 'unknown' })
    around.end()
  })

  test('holds up nothing else that is owed', async () => {
    const around = surroundings()
    const { port } = pager()
    const keys = ['hangs', 'goes']
    const { promise, resolve } = Promise.withResolvers<void>()
    const slow: Port = {
      ...port,
      async send(key) {
        if (key === 'hangs') await promise
        return port.send(key)
      },
    }
    const one = process(around, slow, { keys })
    const happened = one.happens()
    while ((await one.delivery('goes'))?.kind !== 'delivered') {
      await new Promise((next) => setImmediate(next))
    }
    expect(await one.delivery('hangs')).toMatchObject({ kind: 'claimed' })
    resolve()
    await happened
    expect(await one.delivery('hangs')).toMatchObject({ kind: 'delivered' })
    around.end()
  })
})

describe('a process that dies while it sends', async () => {
  /** One process with this death, and another one later. */
  async function withDeath(death: Death) {
    const around = surroundings()
    const { arrived, port } = pager()
    const life: Life = { calls: 0, effects: [], dead: false }
    const first = process(around, mortal(port, life, death), {
      journal: mortal(around.journal, life, death),
    })
    await untilDead(life, first.happens())
    around.pass(LATER_MS)
    const second = process(around, port)
    await second.happens()
    const delivery = await second.delivery()
    around.end()
    return { effects: life.effects, died: life.dead, arrived: arrived.length, delivery }
  }
  const unharmed = await withDeath(null)

  test.each(deathsAt(unharmed.effects))('at effect $at, $when: it is there once', async (death) => {
    const left = await withDeath(death)
    expect(left).toMatchObject({ died: true, arrived: 1, delivery: { kind: 'delivered' } })
  })

  test('each of its effects was tried: what happened, the claim, the sending and the result', () => {
    expect(unharmed.effects).toHaveLength(4)
  })
})
