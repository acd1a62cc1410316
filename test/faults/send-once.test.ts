import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/domain/base/fault.ts'
import { incidentLog } from '../../src/engine/journal/incident-log.ts'
import { sendingOnce, type Once, type SentOnce } from '../../src/engine/outbox/send-once.ts'
import type { Journal } from '../../src/ports/journal.ts'
import { surroundings, untilDead, type Surroundings } from '../support/engine-story.ts'
import { deathsAt, mortal, type Death, type Life } from '../support/mortal.ts'

const ID = '20261122-once'
const INTERLEAVINGS = 150
/** Longer than anything that another process sends can be on its way. */
const LATER_MS = 7_000

/** What happens to one thing that is sent. */
type Fate = 'arrives' | 'never-sent' | 'refused' | 'done-and-lost' | 'not-done-and-lost' | 'bug'

/** The other side: it keeps what arrived, and may be asked for it or not. */
function otherSide(fates: readonly Fate[] = []) {
  const arrived: string[] = []
  const left = [...fates]
  const port = {
    async send(key: string): Promise<{ id: string }> {
      const fate = left.shift() ?? 'arrives'
      const detail = `the fate of this one: ${fate}`
      if (fate === 'never-sent') throw new Fault({ kind: 'retryable', dependency: 'pager', detail })
      if (fate === 'refused') throw new Fault({ kind: 'terminal', dependency: 'pager', detail })
      const lost = new Fault({ kind: 'unknown-outcome', dependency: 'pager', detail })
      if (fate === 'not-done-and-lost') throw lost
      arrived.push(key)
      if (fate === 'done-and-lost') throw lost
      if (fate === 'bug') throw new TypeError(detail)
      return { id: `arrived-${arrived.length}` }
    },
    async find(key: string): Promise<{ id: string } | null> {
      const at = arrived.indexOf(key)
      return at < 0 ? null : { id: `arrived-${at + 1}` }
    },
  }
  return { arrived, port }
}

type Port = ReturnType<typeof otherSide>['port']

/** One process that sends the page of the incident, over this journal and to this side. */
function sender(
  around: Surroundings,
  port: Port,
  asks: 'can be asked' | 'cannot be asked',
  journal: Journal = around.journal,
  more: Pick<Once<'hook'>, 'onItsWay'> = {},
) {
  const sendOnce = sendingOnce({
    incidents: incidentLog(journal, { reach() {} }),
    clock: around.clock,
    sleep: async (ms) => {
      around.pass(ms)
      await new Promise((next) => setImmediate(next))
    },
    stopped: new AbortController().signal,
  })
  const page: Once<'hook'> = {
    incident: ID,
    kind: 'hook',
    key: 'on-call',
    to: 'the one on call',
    send: () => port.send('on-call'),
    ...(asks === 'can be asked' && { find: () => port.find('on-call') }),
    ...more,
  }
  return {
    once: () => sendOnce(page),
    /** As a caller does it: again after a fault that may pass, and until there is an answer. */
    async insist(): Promise<SentOnce> {
      for (let times = 0; times < 100; times += 1) {
        try {
          const answer = await sendOnce(page)
          if (answer !== 'again') return answer
        } catch (error) {
          if (!(error instanceof Fault) || error.kind === 'terminal') throw error
        }
      }
      throw new Error('it never came to an end')
    },
  }
}

async function journaled({ journal }: Surroundings): Promise<readonly string[]> {
  return (await journal.read(ID)).map(({ event }) => event.type.replace('outbox-', ''))
}

describe('where the other side cannot be asked', () => {
  test.each<{ fates: Fate[]; arrived: number; answer: SentOnce; events: string[] }>([
    { fates: ['arrives'], arrived: 1, answer: 'sent', events: ['claimed', 'delivered'] },
    {
      fates: ['never-sent'],
      arrived: 1,
      answer: 'sent',
      events: ['claimed', 'released', 'claimed', 'delivered'],
    },
    { fates: ['done-and-lost'], arrived: 1, answer: 'unknown', events: ['claimed', 'unknown'] },
    { fates: ['not-done-and-lost'], arrived: 0, answer: 'unknown', events: ['claimed', 'unknown'] },
  ])('$fates: $answer, and $arrived arrived', async ({ fates, arrived, answer, events }) => {
    const around = surroundings()
    const other = otherSide(fates)
    const process = sender(around, other.port, 'cannot be asked')
    expect(await process.insist()).toBe(answer)
    // Whoever asks for it later, here or after a restart, does not send it either.
    expect(await process.insist()).toBe(answer)
    expect(await sender(around, other.port, 'cannot be asked').insist()).toBe(answer)
    expect(other.arrived).toHaveLength(arrived)
    expect(await journaled(around)).toEqual(events)
    around.end()
  })

  test('what is refused for good is told to the caller, and may be sent once it is mended', async () => {
    const around = surroundings()
    const other = otherSide(['refused'])
    const process = sender(around, other.port, 'cannot be asked')
    await expect(process.insist()).rejects.toThrow(/refused/)
    expect(await process.insist()).toBe('sent')
    expect(other.arrived).toHaveLength(1)
    around.end()
  })

  test('a mistake of our own after it was sent is told once, and nothing is sent again', async () => {
    const around = surroundings()
    const other = otherSide(['bug'])
    const process = sender(around, other.port, 'cannot be asked')
    await expect(process.insist()).rejects.toThrow(TypeError)
    expect(await process.insist()).toBe('unknown')
    expect(other.arrived).toHaveLength(1)
    around.end()
  })
})

test.each<Fate>(['arrives', 'never-sent', 'done-and-lost', 'not-done-and-lost'])(
  'where the other side can be asked, %s: it is there once, and known to be',
  async (fate) => {
    const around = surroundings()
    const other = otherSide([fate])
    expect(await sender(around, other.port, 'can be asked').insist()).toBe('sent')
    expect(other.arrived).toHaveLength(1)
    expect(await journaled(around)).toEqual(['claimed', 'delivered'])
    around.end()
  },
)

// The second sending of a post was not waited for, and the first one's time was over.
test('what may turn up late is waited for after each time it was sent, and is not sent before', async () => {
  const around = surroundings()
  const other = otherSide(['not-done-and-lost', 'not-done-and-lost'])
  const sentAtMs: number[] = []
  const counted: Port = {
    ...other.port,
    send(key) {
      sentAtMs.push(around.clock.now())
      return other.port.send(key)
    },
  }
  const onItsWay = { forMs: 60_000, lookAgainMs: 5_000 }
  const process = sender(around, counted, 'can be asked', around.journal, { onItsWay })
  for (let looks = 0; looks < 100 && other.arrived.length === 0; looks += 1) {
    // oxlint-disable-next-line no-await-in-loop -- one look follows another
    const answer = await process.once().catch((fault: unknown) => fault)
    const { code = null, retryAfterMs = null } = answer instanceof Fault ? answer : {}
    if (code === 'on-its-way') expect(retryAfterMs).toBe(5_000)
    around.pass(5_000)
  }
  const [first = 0, second = 0, third = 0] = sentAtMs
  expect(sentAtMs).toHaveLength(3)
  expect(second - first).toBeGreaterThanOrEqual(60_000)
  expect(third - second).toBeGreaterThanOrEqual(60_000)
  around.end()
})

describe.each(['can be asked', 'cannot be asked'] as const)(
  'a process that dies while it sends, and the other side %s',
  async (asks) => {
    /** One process with this death, and another one so much later. */
    async function withDeath(death: Death, laterMs: number) {
      const around = surroundings()
      const other = otherSide()
      const life: Life = { calls: 0, effects: [], dead: false }
      const first = sender(
        around,
        mortal(other.port, life, death),
        asks,
        mortal(around.journal, life, death),
      )
      await untilDead(life, first.insist())
      around.pass(laterMs)
      const answer = await sender(around, other.port, asks).insist()
      const left = { effects: life.effects, died: life.dead, answer, arrived: other.arrived.length }
      around.end()
      return left
    }
    const unharmed = await withDeath(null, 0)
    const cases = deathsAt(unharmed.effects).flatMap((death) =>
      [0, LATER_MS].map((laterMs) => ({ ...death, laterMs })),
    )

    test.each(cases)('at effect $at, $when, taken up after $laterMs ms', async (one) => {
      const left = await withDeath(one, one.laterMs)
      expect(left.died).toBe(true)
      if (asks === 'can be asked') expect(left).toMatchObject({ answer: 'sent', arrived: 1 })
      else if (left.answer === 'sent') expect(left.arrived).toBe(1)
      else expect(left).toMatchObject({ answer: 'unknown' })
      expect(left.arrived).toBeLessThanOrEqual(1)
    })

    test('each of its effects was tried: the claim, the sending and the result', () => {
      expect(unharmed).toMatchObject({ answer: 'sent', arrived: 1 })
      expect(unharmed.effects).toHaveLength(3)
    })
  },
)

describe('while the journal takes nothing', () => {
  /** A journal that refuses this many appends once the claim is there. */
  function refusing(journal: Journal, times: number): Journal {
    let asked = 0
    return {
      ...journal,
      async append(append) {
        asked += 1
        if (asked > 1 && asked <= 1 + times) {
          const detail = 'database or disk is full'
          throw new Fault({ kind: 'retryable', dependency: 'journal', detail })
        }
        return journal.append(append)
      },
    }
  }

  test.each<{ fate: Fate; answer: SentOnce; arrived: number }>([
    { fate: 'arrives', answer: 'sent', arrived: 1 },
    { fate: 'done-and-lost', answer: 'unknown', arrived: 1 },
    { fate: 'not-done-and-lost', answer: 'unknown', arrived: 0 },
    { fate: 'never-sent', answer: 'sent', arrived: 1 },
  ])(
    'what came of it ($fate) is kept until it can be written, and it is not sent again',
    async ({ fate, answer, arrived }) => {
      const around = surroundings()
      const other = otherSide([fate])
      const process = sender(around, other.port, 'cannot be asked', refusing(around.journal, 3))
      expect(await process.insist()).toBe(answer)
      expect(other.arrived).toHaveLength(arrived)
      around.end()
    },
  )
})

describe('two who send the same', () => {
  test.each(['can be asked', 'cannot be asked'] as const)(
    'in one process, where the other side %s: one of them sends it',
    async (asks) => {
      const around = surroundings()
      const other = otherSide()
      const process = sender(around, other.port, asks)
      const answers = await Promise.all([process.insist(), process.insist()])
      expect(answers).toEqual(['sent', 'sent'])
      expect(other.arrived).toHaveLength(1)
      around.end()
    },
  )

  test('what another process gave up while it was on its way is known once it is answered', async () => {
    const around = surroundings()
    const other = otherSide()
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>()
    const slow: Port = {
      ...other.port,
      async send(key) {
        const receipt = await other.port.send(key)
        await answered
        return receipt
      },
    }
    const first = sender(around, slow, 'cannot be asked').insist()
    await untilArrived()
    const second = sender(around, other.port, 'cannot be asked', around.connect())
    expect(await second.once()).toBe('again')
    around.pass(LATER_MS)
    expect(await second.insist()).toBe('unknown')
    answer()
    expect(await first).toBe('sent')
    expect(other.arrived).toHaveLength(1)
    expect(await journaled(around)).toEqual(['claimed', 'unknown', 'delivered'])
    around.end()

    async function untilArrived(): Promise<void> {
      while (other.arrived.length === 0) await new Promise((next) => setImmediate(next))
    }
  })

  test.each(['can be asked', 'cannot be asked'] as const)(
    `in two processes, where the other side %s, ${INTERLEAVINGS} interleavings: it arrives once (J5)`,
    async (asks) => {
      await fc.assert(
        fc.asyncProperty(fc.scheduler(), async (scheduler) => {
          const around = surroundings()
          const other = otherSide()
          const inTurn: Port = {
            send: async (key) => {
              await scheduler.schedule(Promise.resolve(), 'it is sent')
              const receipt = await other.port.send(key)
              await scheduler.schedule(Promise.resolve(), 'it is answered')
              return receipt
            },
            find: async (key) => {
              await scheduler.schedule(Promise.resolve(), 'it is looked for')
              return other.port.find(key)
            },
          }
          // Each call takes less than it may: nobody takes the other for dead.
          const paused = { ...around, pass: () => undefined }
          const both = [around.journal, around.connect()].map((journal) =>
            sender(paused, inTurn, asks, journal).insist(),
          )
          const answers = await scheduler.waitFor(Promise.all(both))
          const arrived = other.arrived.length
          around.end()
          expect({ answers, arrived }).toEqual({ answers: ['sent', 'sent'], arrived: 1 })
        }),
        { numRuns: INTERLEAVINGS },
      )
    },
    60_000,
  )
})
