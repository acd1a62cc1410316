import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { MetricsSettings } from '../../../src/domain/assessment/settings.ts'
import type { Metrics } from '../../../src/ports/metrics.ts'
import { faultOf, outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

export type MetricsState = {
  /** `null`: nobody counts requests. */
  readonly requestsPerSecond: number | null
  readonly errorsPerSecond: number
  readonly p95Seconds: number
  /** Before the deploy twelve minutes ago, and yesterday. */
  readonly p95SecondsBefore: number
  readonly activeUsersYesterday: number
  /** Whether the services answer Prometheus. */
  readonly up: boolean
}

type MetricsFixture = {
  readonly metrics: Metrics
  readonly settings: MetricsSettings
  readonly deployedAtMs: number
  readonly now: () => number
}

export type MetricsSubject = Outside<Metrics> & {
  readonly start: (state: MetricsState) => Promise<MetricsFixture>
}

const usual: MetricsState = {
  requestsPerSecond: 10,
  errorsPerSecond: 6,
  p95Seconds: 0.36,
  p95SecondsBefore: 0.24,
  activeUsersYesterday: 118,
  up: true,
}

/** A new Prometheus takes five seconds to look at its targets. */
const scrapedWithinMs = 15_000

const jobs = ['backend', 'frontend']

const RangeJson = z.object({
  status: z.string(),
  data: z.object({
    resultType: z.string(),
    result: z.array(z.object({ values: z.array(z.tuple([z.number(), z.string()])) })),
  }),
})

/** Noise and the edges of a window may take that much. */
function near(expected: number) {
  const within = (value: number): boolean => Math.abs(value - expected) <= 0.05 * expected
  return {
    kind: 'value',
    value: expect.toSatisfy(within, `a number within 5 % of ${expected}`),
  }
}

export function metricsContract(name: string, subject: MetricsSubject): void {
  describe(`${name} keeps the promises of Metrics`, () => {
    test('it tells rates, latencies and users of now, of before the deploy and of yesterday', async () => {
      const { metrics, settings, deployedAtMs } = await subject.start(usual)
      const ask = (query: string, atMs?: number) =>
        metrics.instant(query, { signal: patience(), ...(atMs === undefined ? {} : { atMs }) })
      expect(await ask(settings.traffic)).toEqual(near(10))
      expect(await ask(settings.errors)).toEqual(near(6))
      expect(await ask(settings.p95)).toEqual(near(0.36))
      expect(await ask(settings.p95BeforeDeploy, deployedAtMs - 5 * 60_000)).toEqual(near(0.24))
      expect(await ask(settings.p95Yesterday)).toEqual(near(0.24))
      expect(await ask(settings.activeUsersBaseline)).toEqual(near(118))
    })

    test('errors are zero, and not unknown, when there is traffic and none of it fails', async () => {
      const { metrics, settings } = await subject.start({ ...usual, errorsPerSecond: 0 })
      const signal = patience()
      expect(await metrics.instant(settings.errors, { signal })).toEqual({
        kind: 'value',
        value: 0,
      })
      expect(await metrics.instant(settings.traffic, { signal })).toEqual(near(10))
    })

    test('traffic and latency are unknown, and not zero, when nobody counts requests', async () => {
      const { metrics, settings } = await subject.start({ ...usual, requestsPerSecond: null })
      const signal = patience()
      expect(await metrics.instant(settings.traffic, { signal })).toEqual({ kind: 'no-data' })
      expect(await metrics.instant(settings.p95, { signal })).toEqual({ kind: 'no-data' })
    })

    test('it tells its own time and the age of its newest sample', async () => {
      const { metrics, settings, now } = await subject.start(usual)
      const signal = patience()
      const time = await metrics.instant('time()', { signal })
      expect(time).toMatchObject({ kind: 'value' })
      if (time.kind === 'value') expect(Math.abs(time.value - now() / 1000)).toBeLessThan(5)
      const age = async () => await metrics.instant(settings.sampleAge, { signal: patience() })
      await expect.poll(age, { timeout: scrapedWithinMs }).toMatchObject({ kind: 'value' })
      const answer = await age()
      if (answer.kind !== 'value') throw new Error('the age was there and is gone')
      expect(answer.value).toBeGreaterThanOrEqual(0)
      expect(answer.value).toBeLessThan(settings.staleAfterSeconds)
    })

    test('a question it cannot answer is unusable, and says why', async () => {
      const { metrics } = await subject.start(usual)
      const answer = await metrics.instant('sum(rate(', { signal: patience() })
      expect(answer).toEqual({ kind: 'unusable', because: expect.stringMatching(/\w+ \w+/) })
    })

    test('a range is the JSON of its series, from its beginning to its end, step by step', async () => {
      const { metrics, settings, deployedAtMs, now } = await subject.start(usual)
      const toMs = now()
      const asked = await metrics.range(settings.traffic, {
        fromMs: toMs - 30 * 60_000,
        toMs,
        stepSeconds: 60,
        signal: patience(),
      })
      const { status, data } = RangeJson.parse(JSON.parse(asked))
      expect({ status, type: data.resultType, series: data.result.length }).toEqual({
        status: 'success',
        type: 'matrix',
        series: 1,
      })
      const values = data.result[0]?.values ?? []
      expect(values).toHaveLength(31)
      expect(values[0]?.[0]).toBeCloseTo(toMs / 1000 - 30 * 60, 0)
      expect(values.at(-1)?.[0]).toBeCloseTo(toMs / 1000, 0)
      expect(Number(values.at(-1)?.[1])).toEqual(near(10).value)
      expect(values.some(([seconds]) => seconds * 1000 < deployedAtMs)).toBe(true)
    })

    test('a range without a series is an empty list, and one it cannot answer a fault', async () => {
      const { metrics, settings, now } = await subject.start({ ...usual, requestsPerSecond: null })
      const over = () => ({
        fromMs: now() - 60_000,
        toMs: now(),
        stepSeconds: 15,
        signal: patience(),
      })
      const silence = RangeJson.parse(JSON.parse(await metrics.range(settings.traffic, over())))
      expect(silence.data.result).toEqual([])
      const fault = await faultOf(metrics.range('sum(rate(', over()))
      expect(fault).toMatchObject({ kind: 'terminal', dependency: 'prometheus' })
      expect(fault.detail).toMatch(/\w+ \w+/)
    })

    test.each([true, false])('it knows which targets answer (%s)', async (up) => {
      const { metrics, settings } = await subject.start({ ...usual, up })
      const health = up ? 'up' : 'down'
      const seen = async () => (await metrics.targets(patience())).toSorted(byJob)
      await expect
        .poll(seen, { timeout: scrapedWithinMs })
        .toMatchObject(jobs.map((job) => ({ job, health })))
      for (const { instance, lastError, scrapeIntervalMs } of await seen()) {
        expect(instance).not.toBe('')
        expect(scrapeIntervalMs).toBeGreaterThan(0)
        expect(lastError === '').toBe(up)
      }
      const counted = async () => [
        await metrics.instant(settings.targets, { signal: patience() }),
        await metrics.instant(settings.targetsUp, { signal: patience() }),
      ]
      const [all, answering] = await counted()
      if (all?.kind !== 'value' || answering?.kind !== 'value') throw new Error('not counted')
      expect(all.value).toBeGreaterThan(0)
      expect(answering.value).toBe(up ? all.value : 0)
    })

    outsideContract(subject, {
      'a query': (metrics, signal) => metrics.instant('time()', { signal }),
      'the list of targets': (metrics, signal) => metrics.targets(signal),
      'a range': (metrics, signal) =>
        metrics.range('time()', { fromMs: 0, toMs: 60_000, stepSeconds: 15, signal }),
    })
  })
}

const byJob = (a: { job: string }, b: { job: string }): number => a.job.localeCompare(b.job)
