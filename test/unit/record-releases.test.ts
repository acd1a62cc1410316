import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { recordReleases } from '../../src/compose/record-releases.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { toIso } from '../../src/domain/base/instant.ts'
import type { Container, EndedRun } from '../../src/ports/containers.ts'
import type { ReleaseLedger } from '../../src/ports/release-ledger.ts'
import { containerAt, entry, image, MINUTE } from '../support/ledger.ts'
import { memoryLedger } from '../support/memory-ledger.ts'

const START = Date.UTC(2026, 10, 22, 3, 12, 5)
const log = { info: vi.fn(), warn: vi.fn(), error: vi.fn() }
const deployed = vi.fn()
const services = ['backend', 'frontend']

beforeEach(() => {
  vi.useFakeTimers({ now: START })
})
afterEach(() => {
  vi.useRealTimers()
  for (const one of [...Object.values(log), deployed]) one.mockClear()
})

type Asked = { readonly services: readonly string[]; readonly signal: AbortSignal }

/** Began and ended between two looks. */
const livedBriefly = (): EndedRun => {
  const [startedAt, endedAt] = [START + 1_000, START + 4_000].map((ms) => toIso(ms))
  const lived = containerAt({ id: 'brief', image: image('v2.0.0') })
  return { ...lived, host: 'web-1', startedAt: startedAt!, endedAt: endedAt! }
}

/** Records what these hosts answer, each look with the next answer, and the last one for ever. */
function recording(
  answers: readonly (() => Promise<readonly Container[]>)[],
  ledger: ReleaseLedger = memoryLedger(),
  acts: () => boolean = () => true,
) {
  const asked: Asked[] = []
  const puts: number[] = []
  let tell: ((run?: EndedRun) => void) | null = null
  const recorder = recordReleases({
    containers: {
      follow: (_services, told, signal) =>
        new Promise((resolve) => {
          tell = (run) => told(run ? { ...happening, kind: 'ended', run } : happening)
          signal.addEventListener('abort', () => resolve(), { once: true })
        }),
      sightings(names, signal) {
        asked.push({ services: names, signal })
        return answers[Math.min(asked.length, answers.length) - 1]!()
      },
    },
    ledger: {
      entries: (names) => ledger.entries(names),
      put(entries, known) {
        puts.push(entries.length)
        return ledger.put(entries, known)
      },
    },
    acts,
    clock: { now: Date.now },
    log,
    services,
    deployed,
  })
  return { recorder, asked, puts, ledger, happens: (run?: EndedRun) => tell?.(run) }
}

const happening = {
  host: 'web-1',
  service: 'backend',
  id: 'c1',
  name: 'shop-backend-1',
  kind: 'started',
  at: new Date(START).toISOString(),
} as const

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

test('it looks soon after something happened, once for all that happens meanwhile', async () => {
  const { recorder, asked, happens } = recording([well])
  await minutes(0)
  for (let times = 0; times < 100; times += 1) happens()
  await vi.advanceTimersByTimeAsync(400)
  expect(asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(200)
  expect(asked).toHaveLength(2)
  await recorder.stop()
})

test('what comes and goes between two looks is kept, once it is told of', async () => {
  const brief = containerAt({ image: image('v2.0.1'), runningMs: 400 })
  const { recorder, ledger, happens } = recording([well, async () => [brief], well])
  await minutes(0)
  happens()
  await vi.advanceTimersByTimeAsync(1_000)
  await minutes(2)
  const kept = await ledger.entries(services)
  expect(kept.map((one) => one.image.id)).toContain(brief.image.id)
  await recorder.stop()
})

test('however much happens, it looks once in five seconds', async () => {
  const { recorder, asked, happens } = recording([well])
  await minutes(0)
  for (let ms = 0; ms < 30_000; ms += 100) {
    happens()
    await vi.advanceTimersByTimeAsync(100)
  }
  expect(asked.length).toBeGreaterThan(5)
  expect(asked.length).toBeLessThan(9)
  await recorder.stop()
})

test('a look that goes on while something happens is followed by another one', async () => {
  const slow = () => new Promise<readonly Container[]>((resolve) => setTimeout(resolve, 3_000, []))
  const { recorder, asked, happens } = recording([slow, well])
  await minutes(0)
  happens()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(asked).toHaveLength(1)
  await vi.advanceTimersByTimeAsync(2_500)
  expect(asked).toHaveLength(2)
  await recorder.stop()
})

test('nothing is looked at any more once it is stopped', async () => {
  const { recorder, asked, happens } = recording([well])
  await minutes(0)
  happens()
  await recorder.stop()
  happens()
  await minutes(3)
  expect(asked).toHaveLength(1)
})

test('where another process acts nothing is recorded, and what it may have missed is once this one acts', async () => {
  let acts = false
  const { recorder, asked, ledger, happens } = recording([well], memoryLedger(), () => acts)
  await minutes(2)
  happens(livedBriefly())
  await minutes(2)
  expect(asked).toEqual([])
  expect(await ledger.entries(services)).toEqual([])
  acts = true
  await vi.advanceTimersByTimeAsync(5_000)
  const found = await ledger.entries(services)
  expect(found.map(({ image: of }) => of.reference)).toContain(livedBriefly().image.reference)
  expect(found).toHaveLength(2)
  await recorder.stop()
})

test('hosts that cannot be listened to are told once, and looked at every minute', async () => {
  const sightings = vi.fn(well)
  const follow = async () => {
    throw new Error('not over this channel')
  }
  const containers = { sightings, follow }
  const deps = {
    ledger: memoryLedger(),
    acts: () => true,
    clock: { now: Date.now },
    log,
    services,
    deployed,
  }
  const recorder = recordReleases({ containers, ...deps })
  await minutes(3)
  expect(sightings).toHaveBeenCalledTimes(4)
  expect(log.warn).toHaveBeenCalledTimes(1)
  await recorder.stop()
})

test('a deploy is told when something runs that was never seen, and not when a history begins', async () => {
  const other = async () => [containerAt({ runningMs: MINUTE, image: image('v2.0.0') })]
  const { recorder } = recording([well, well, other, other])
  await minutes(1)
  expect(deployed).not.toHaveBeenCalled()
  await minutes(2)
  expect(deployed).toHaveBeenCalledTimes(1)
  await recorder.stop()
})

test('what lived for seconds between two looks is kept, and what could not be kept is kept by the next look', async () => {
  const { recorder, ledger, happens } = recording([well, refused, well])
  await minutes(0)
  happens(livedBriefly())
  await vi.advanceTimersByTimeAsync(6_000)
  expect(await ledger.entries(services)).toHaveLength(1)
  await minutes(1)
  const entries = await ledger.entries(services)
  expect(entries).toHaveLength(2)
  expect(entries).toContainEqual(
    expect.objectContaining({
      image: image('v2.0.0'),
      ranMs: 3_000,
      lastSeenAt: livedBriefly().endedAt,
    }),
  )
  await recorder.stop()
})
