import { describe, expect, test } from 'vitest'
import { durationMs } from '../../../src/domain/assessment/duration.ts'
import { measuredOverMs, overAtMost } from '../../../src/domain/assessment/query-window.ts'
import { MetricsSettings } from '../../../src/domain/assessment/settings.ts'
import { watchWindow } from '../../../src/domain/assessment/watch-window.ts'

const MINUTE = 60_000
const shipped = MetricsSettings.parse({})

test.each([
  ['5m', 300_000],
  ['1m30s', 90_000],
  ['1h0m5s', 3_605_000],
  ['250ms', 250],
  ['2d', 172_800_000],
  ['300', 300_000],
  ['', null],
  ['5', 5_000],
  ['5x', null],
  ['m5', null],
  ['-5m', null],
  ['$__rate_interval', null],
])('the time %j is %j ms', (text, ms) => {
  expect(durationMs(text)).toBe(ms)
})

describe('the same query over a minute', () => {
  test.each([
    ['sum(rate(x[5m]))', 'sum(rate(x[60s]))'],
    ['sum(rate(x{a="b"}[5m])) or vector(0)', 'sum(rate(x{a="b"}[60s])) or vector(0)'],
    ['rate ( x [ 5m ] )', 'rate ( x [60s] )'],
    ['rate({__name__="x"}[1h30m])', 'rate({__name__="x"}[60s])'],
    ['rate(a[5m]) + rate(b[10m]) + rate(c[30s])', 'rate(a[60s]) + rate(b[60s]) + rate(c[30s])'],
    ['sum(rate(x{path=~"/a[5m]"}[5m]))', 'sum(rate(x{path=~"/a[5m]"}[60s]))'],
    [String.raw`rate(x{a='it\'s [5m]'}[5m])`, String.raw`rate(x{a='it\'s [5m]'}[60s])`],
    ['rate(x[5m]) # not [5m]\n', 'rate(x[60s]) # not [5m]\n'],
    ['sum(rate(x[1m]))', 'sum(rate(x[1m]))'],
  ])('%s is had', (query, shorter) => {
    expect(overAtMost(query, MINUTE)).toBe(shorter)
  })

  test.each([
    ['a recorded rate', 'sum(job:http_errors:rate5m)'],
    ['a recorded rate in a range', 'rate(job:requests:sum[5m])'],
    ['a recorded rate beside a plain one', 'rate(x[5m]) + job:y:rate5m'],
    ['a recorded rate without a colon', 'sum(http_errors_rate5m) + sum(rate(x[5m]))'],
    ['a number that is no rate', 'sum(errors_per_second)'],
    ['a subquery', 'max_over_time(sum(rate(x[1m]))[5m:30s])'],
    ['a subquery of the usual step', 'rate(sum(x)[5m:])'],
    ['an increase', 'sum(increase(x[5m])) / 300'],
    ['an average over time', 'avg_over_time(x[5m])'],
    ['two samples', 'sum(irate(x[5m]))'],
    ['a function of the team', 'my_rate(x[5m])'],
    ['another time', 'rate(x[5m] offset 5m)'],
    ['a fixed time', 'rate(x[5m] @ end())'],
    ['a window of a dashboard', 'rate(x[$__rate_interval])'],
    ['one of them cannot be shortened', 'rate(x[5m]) / increase(y[5m])'],
  ])('cannot be had of %s: %s', (_, query) => {
    expect(overAtMost(query, MINUTE)).toBeNull()
  })
})

test.each([
  ['sum(rate(x[5m]))', 5],
  ['rate(x[5m]) / rate(y[2m])', 5],
  ['rate(x{a="[9h]"}[1m])', 1],
  ['sum(job:http_errors:rate1h)', 60],
  ['job:http_errors:rate5m / job:http_requests:ratio', 7],
  ['sum(job:http_errors:ratio)', 7],
  ['errors_per_second', 7],
  ['rate(x[$__interval])', 7],
  ['max_over_time(sum(rate(x[1m]))[30m:1m])', 31],
  ['max_over_time(job:x:rate5m[10m:])', 15],
  ['rate(x[5m] offset 10m)', 15],
  ['avg_over_time(sum(active_users)[1h:1m])', 60],
])('%s reaches %i minutes back, where 7 stand for what is not seen', (query, minutes) => {
  expect(measuredOverMs(query, 7 * MINUTE)).toBe(minutes * MINUTE)
})

describe('a watch asks', () => {
  const over = (scrapeSeconds: number | null, changes: Partial<MetricsSettings> = {}) => {
    const settings = { ...shipped, ...changes }
    return watchWindow(settings, scrapeSeconds === null ? null : scrapeSeconds * 1000)
  }

  test.each([
    [5, 60, 90],
    [15, 60, 90],
    [30, 120, 180],
    [60, 240, 360],
    // Four of these are longer than what is asked: the settings stand.
    [90, 300, 480],
    [null, 300, 330],
  ])('scraped every %j s: over %i s, and of now after %i s', (scrape, windowS, settlesS) => {
    expect(over(scrape)).toMatchObject({ windowMs: windowS * 1000, settlesMs: settlesS * 1000 })
  })

  test('what the settings ask where it is not known how often is scraped', () => {
    const { errors, traffic } = over(null)
    expect({ errors, traffic }).toEqual({ errors: shipped.errors, traffic: shipped.traffic })
  })

  test('by the settings, where they say how often, and not by the slowest of all', () => {
    expect(over(300, { scrapeIntervalSeconds: 15 })).toMatchObject({ windowMs: 60_000 })
  })

  test('both over the same time, or both as they are: else they were no ratio', () => {
    const recorded = over(15, { errors: 'sum(job:http_errors:rate5m)' })
    expect(recorded).toMatchObject({
      errors: 'sum(job:http_errors:rate5m)',
      traffic: shipped.traffic,
      settlesMs: 330_000,
    })
  })

  test('recorded rates as they are, and says what their window is', () => {
    const queries = { errors: 'job:errors:ratio', traffic: 'job:requests:ratio' }
    expect(over(15, queries).windowMs).toBe(300_000)
    expect(over(15, { ...queries, recordedWindowSeconds: 600 }).windowMs).toBe(600_000)
  })
})
