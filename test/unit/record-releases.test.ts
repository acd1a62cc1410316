import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { recordReleases } from '../../src/compose/record-releases.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Container } from '../../src/ports/containers.ts'
import type { ReleaseLedger } from '../../src/ports/release-ledger.ts'
import { containerAt, entry, image, MINUTE } from '../support/ledger.ts'
import { memoryLedger } from '../support/memory-ledger.ts'

const START = Date.UTC(2026, 10, 22, 3, 12, 5)
const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
const services = ['backend', 'frontend']

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
  for (const one of Object.values(log)) one.mockClear()
})

type Asked = { readonly services: readonly string[]; readonly signal: AbortSignal }

/** Records what these hosts answer, each look with the next answer, and the last one for ever. */
function recording(
  answers: readonly (() => Promise<readonly Container[]>)[],
  ledger: ReleaseLedger = memoryLedger(),
) {
  const asked: Asked[] = []
  const puts: number[] = []
  const recorder = recordReleases({
    containers: {
      sightings(names, signal) {
        asked.push({ services: names, signal })
        return answers[Math.min(asked.length, answers.length) - 1]!()
      },
    },
    ledger: {
      entries: (names) => ledger.entries(names),
      put(entries) {
        puts.push(entries.length)
        return ledger.put(entries)
      },
    },
    clock: { now: Date.now },
    log,
    services,
  })
  return { recorder, asked, puts, ledger }
}

const well = async () => [
  containerAt({ runningMs: Date.now() - START + MINUTE, health: 'healthy' as const }),
]
const refused = async () => {
  throw new Fault({ kind: 'retryable', dependency: 'web-1', detail: 'connection refused' })
}
const silent = () => new Promise<never>(() => {})

async function minutes(n: number): Promise<void> {
  await vi.advanceTimersByTimeAsync(n * MINUTE)
}

test('it looks at the start and every minute, and keeps what it has seen', async () => {
  const { recorder, asked, ledger } = recording([well])
  await minutes(0)
  expect(await ledger.entries(services)).toMatchObject([{ ranMs: MINUTE, healthyMs: 0 }])
  await minutes(10)
  expect(asked).toHaveLength(11)
  expect(asked[0]?.services).toEqual(services)
  // The tenth whole minute of the clock is five seconds before ours.
  const ranMs = 11 * MINUTE - 5_000
  expect(await ledger.entries(services)).toMatchObject([{ ranMs, healthyMs: ranMs - MINUTE }])
  expect(log.warn).not.toHaveBeenCalled()
  await recorder.stop()
})

test('it goes on from what an earlier process has kept', async () => {
  const known = entry({ lastSeenAt: new Date(START - 60 * MINUTE).toISOString(), ranMs: 1_000 })
  const { recorder, ledger } = recording([well], memoryLedger(known))
  await minutes(0)
  expect(await ledger.entries(services)).toMatchObject([
    { firstSeenAt: known.firstSeenAt, ranMs: 1_000 + MINUTE },
  ])
  await recorder.stop()
})

test('a look that fails is told once, and what ran meanwhile is not lost', async () => {
  const { recorder, ledger } = recording([well, refused, refused, refused, well])
  await minutes(3)
  expect(log.warn).toHaveBeenCalledTimes(1)
  expect(log.warn).toHaveBeenCalledWith('releases cannot be recorded; tried again', {
    found: 'web-1: connection refused',
  })
  expect(log.info).not.toHaveBeenCalled()
  await minutes(1)
  expect(log.info).toHaveBeenCalledExactlyOnceWith('releases are recorded again')
  expect(await ledger.entries(services)).toMatchObject([{ ranMs: 5 * MINUTE - 5_000 }])
  await recorder.stop()
})

test('a failure of another kind, and one that comes again later, are told too', async () => {
  const late = async () => {
    throw new Fault({ kind: 'retryable', dependency: 'web-1', detail: 'no answer within 3 s' })
  }
  const { recorder } = recording([refused, late, well, late, well])
  await minutes(4)
  expect(log.warn.mock.calls.map(([, facts]) => facts.found)).toEqual([
    'web-1: connection refused',
    'web-1: no answer within 3 s',
    'web-1: no answer within 3 s',
  ])
  await recorder.stop()
})

test('a ledger that cannot be read or written is told once, and is nobody’s end', async () => {
  const broken = async () => {
    throw new Fault({ kind: 'terminal', dependency: 'release ledger', detail: 'it is damaged' })
  }
  for (const part of [{ entries: broken }, { put: broken }]) {
    const { recorder, asked } = recording([well], { ...memoryLedger(), ...part })
    await minutes(3)
    expect(asked).toHaveLength(4)
    expect(log.warn).toHaveBeenCalledExactlyOnceWith('releases cannot be recorded; tried again', {
      found: 'release ledger: it is damaged',
    })
    await recorder.stop()
    log.warn.mockClear()
  }
})

test('a look without an answer is given up before the next one, and writes nothing later', async () => {
  const answer = Promise.withResolvers<readonly Container[]>()
  const { recorder, asked, puts } = recording([() => answer.promise, well])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(asked[0]?.signal.aborted).toBe(true)
  expect(log.warn).toHaveBeenCalledWith('releases cannot be recorded; tried again', {
    found: 'no answer within 20 s',
  })
  answer.resolve([containerAt({ image: image('shop/backend:v0') })])
  await vi.advanceTimersByTimeAsync(20_000)
  expect(puts).toEqual([])
  await minutes(1)
  expect(puts).toEqual([1])
  await recorder.stop()
})

test('looks do not overtake one another', async () => {
  vi.setSystemTime(START + 50_000)
  const { recorder, asked } = recording([silent, well])
  // The minute is over, and the first look is not.
  await vi.advanceTimersByTimeAsync(15_000)
  expect(asked).toHaveLength(1)
  await minutes(1)
  expect(asked).toHaveLength(2)
  await recorder.stop()
})

test('what is stopped looks no more, and does not wait for a host that says nothing', async () => {
  const { recorder, asked, puts } = recording([well, silent])
  await minutes(1)
  expect(asked).toHaveLength(2)
  await recorder.stop()
  expect(asked[1]?.signal.aborted).toBe(true)
  await minutes(5)
  expect(asked).toHaveLength(2)
  expect(puts).toEqual([1])
  expect(log.warn).not.toHaveBeenCalled()
})
