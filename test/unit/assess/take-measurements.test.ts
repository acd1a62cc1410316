import * as fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { found, type Probe, type ProbeContext, type Finding } from '../../../src/assess/probe.ts'
import { probes } from '../../../src/assess/probes/index.ts'
import { discountStale, takeMeasurements } from '../../../src/assess/take-measurements.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { overallVerdict } from '../../../src/domain/assessment/verdict.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { blind, measurement, MeasurementsArbitrary, percent } from '../../support/builders.ts'
import { assessSettings } from '../../support/contracts/settings.ts'
import { virtually, virtualTimers } from '../../support/virtual-timers.ts'

const deadlineMs = 3_000
/** What a question may cost beyond its deadline when it ignores its signal. */
const graceMs = 100

const settings = { ...assessSettings, deadlineMs }
const clock = { now: () => Date.now() }
const { world } = sandboxWorld({ scenario: 'healthy', clock, settings })

beforeEach(virtualTimers)

function probe(id: string, ask: (context: ProbeContext) => Promise<Finding>): Probe {
  return {
    id,
    asks: null,
    needsFreshMetrics: false,
    questions: () => [{ target: id, unit: 'n', query: `ask ${id}`, ask }],
  }
}

const good = probe('good', async () => found(1, 'healthy', 'good'))
const hanging = probe('hanging', () => new Promise<never>(() => undefined))
const until = (ms: number, finding: Finding) =>
  new Promise<Finding>((resolve) => setTimeout(() => resolve(finding), ms))

async function timed(...asked: readonly Probe[]) {
  const { result, tookMs } = await virtually(() => takeMeasurements(asked, world, settings))
  return { measurements: result, tookMs }
}

describe('a question that goes wrong is a measurement: unreachable, with the reason', () => {
  const fault = new Fault({ kind: 'retryable', dependency: 'redis', detail: 'connection refused' })
  test.each([
    ['a fault', () => Promise.reject(fault), /^connection refused$/],
    ['a mistake of ours', () => Promise.reject(new TypeError('no x')), /itself failed.*no x/],
    [
      'a mistake before it is even asked',
      () => {
        throw new TypeError('no y')
      },
      /itself failed.*no y/,
    ],
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- libraries do it
    ['something that is no error', () => Promise.reject('out of coffee'), /out of coffee/],
  ])('%s', async (_what, ask, summary) => {
    const { measurements } = await timed(good, probe('bad', ask))
    expect(measurements).toMatchObject([
      { probe: 'good', verdict: 'healthy' },
      { probe: 'bad', class: 'error', verdict: 'unreachable', value: null, query: 'ask bad' },
    ])
    expect(measurements[1]?.summary).toMatch(summary)
  })
})

describe('a question that takes too long', () => {
  test('and ignores its signal is given up, and costs nobody else their answer', async () => {
    const { measurements, tookMs } = await timed(good, hanging, hanging)
    expect(measurements).toMatchObject([
      { probe: 'good', verdict: 'healthy' },
      { class: 'error', verdict: 'unreachable', summary: 'no answer within 3 s' },
      { class: 'error', verdict: 'unreachable', summary: 'no answer within 3 s' },
    ])
    expect(tookMs).toBe(deadlineMs + graceMs)
    expect(measurements[0]?.tookMs).toBe(0)
  })

  test('is told so by its signal', async () => {
    const obedient = probe('obedient', ({ signal }) => {
      const { promise, reject } = Promise.withResolvers<never>()
      signal.addEventListener('abort', () => reject(signal.reason))
      return promise
    })
    const { measurements, tookMs } = await timed(obedient)
    expect(measurements).toMatchObject([{ verdict: 'unreachable', class: 'error' }])
    expect(measurements[0]?.summary).toBe('no answer within 3 s')
    expect(tookMs).toBe(deadlineMs)
  })

  test('and answers late is not listened to any more', async () => {
    const late = probe('late', () => until(9_000, found(1, 'healthy', 'too late')))
    const { measurements, tookMs } = await timed(late)
    expect(measurements).toMatchObject([{ verdict: 'unreachable', value: null }])
    expect(tookMs).toBe(deadlineMs + graceMs)
  })

  test('and then fails is not heard of again', async () => {
    const failing = probe('failing', () =>
      until(9_000, found(0, 'healthy', '')).then(() => Promise.reject(new Error('much later'))),
    )
    await timed(failing)
    // Then it fails, and what nobody handles fails the run.
    await virtually(() => until(9_000, found(0, 'healthy', '')))
  })

  test('and is cancelled from outside ends at once', async () => {
    const cancelled = AbortSignal.abort()
    const obedient = probe('obedient', async ({ signal }) => {
      signal.throwIfAborted()
      return found(1, 'healthy', 'ran all the same')
    })
    const { result, tookMs } = await virtually(() =>
      takeMeasurements([obedient], world, settings, cancelled),
    )
    expect(result).toMatchObject([{ verdict: 'unreachable' }])
    expect(tookMs).toBe(0)
  })
})

test('all questions are asked at once: ten that take their time take it together', async () => {
  const slow = Array.from({ length: 10 }, (_, index) =>
    probe(`slow-${index}`, () => until(40, found(index, 'healthy', ''))),
  )
  const { measurements, tookMs } = await timed(...slow)
  expect(measurements.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(tookMs).toBe(40)
})

describe('numbers from Prometheus', () => {
  const numbers = [
    percent('error-ratio-low', 0.1),
    percent('logins-succeeding', 0.1),
    percent('latency-near-baseline', 0.1),
    measurement({ probe: 'targets-up', value: 5 }),
  ]
  const others = [
    measurement({ probe: 'health-passing', value: 200 }),
    percent('active-users-near-baseline', 3),
    measurement({ probe: 'cache-answering', value: 0.3 }),
  ]
  const fresh = measurement({ probe: 'metrics-fresh', unit: 's', value: 4 })

  test('stand when the newest sample is fresh', () => {
    const all = [...numbers, ...others, fresh]
    expect(discountStale(all, probes)).toEqual(all)
  })

  test.each(['no-data', 'no-traffic', 'partial', 'error'] as const)(
    'are no data when freshness is %s, and everything else stands',
    (kind) => {
      const stale = { ...blind('metrics-fresh', kind), summary: 'the newest is 240 s old' }
      const after = discountStale([...numbers, ...others, stale], probes)
      expect(after.slice(numbers.length)).toEqual([...others, stale])
      for (const one of after.slice(0, numbers.length)) {
        expect(one).toMatchObject({ class: 'no-data', verdict: 'inconclusive', value: null })
        expect(one.summary).toContain('240 s old')
      }
    },
  )

  test('that were none before keep their own reason', () => {
    const silent = blind('error-ratio-low', 'no-traffic')
    expect(discountStale([silent, blind('metrics-fresh', 'error')], probes)[0]).toEqual(silent)
  })

  test('never look better for being discounted', () => {
    fc.assert(
      fc.property(MeasurementsArbitrary, (measurements) => {
        const stale = blind('metrics-fresh')
        const after = discountStale([...measurements, stale], probes)
        expect(after).toHaveLength(measurements.length + 1)
        expect(overallVerdict(after.map(({ verdict }) => verdict))).not.toBe('healthy')
      }),
    )
  })
})
