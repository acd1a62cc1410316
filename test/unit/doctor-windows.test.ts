import { expect, test } from 'vitest'
import { checkWindows, windowChecks } from '../../src/compose/doctor-windows.ts'
import { MetricsSettings } from '../../src/domain/assessment/settings.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import type { Metrics, ScrapeTarget } from '../../src/ports/metrics.ts'
import { atMs } from '../support/builders.ts'
import { assessSettings } from '../support/contracts/settings.ts'

const scrapedEvery = (seconds: number): ScrapeTarget => {
  const scrapeIntervalMs = seconds * 1000
  return { job: 'backend', instance: 'b:1', health: 'up', lastError: '', scrapeIntervalMs }
}

const rates = (window: string) => {
  const rate = `sum(rate(x[${window}]))`
  return { traffic: rate, errors: rate, logins: rate, loginFailures: rate, p95: rate }
}

test.each<[string, Partial<MetricsSettings>, number | null, string, RegExp]>([
  [
    'as shipped',
    {},
    15,
    'ok',
    /scraped every 15 s by job backend; a watch asks over 1 min, and its/,
  ],
  ['a minute', {}, 60, 'ok', /asks over 4 min, and its numbers speak of now 6 min after a run/],
  ['too short', rates('1m'), 60, 'careful', /^traffic, errors, .*four scrapes take 4 min/],
  ['short, and enough', rates('30s'), 5, 'ok', /a watch asks over 30 s/],
  ['one of them', { p95: 'sum(rate(x[1m]))' }, 60, 'careful', /^p95: a window too short/],
  [
    'recorded',
    { errors: 'job:x:rate5m', traffic: 'job:y:rate5m' },
    15,
    'ok',
    /over 5 min, .*5 min 30/,
  ],
  [
    'far too long',
    { errors: 'job:x:rate1h', traffic: 'job:y:rate1h' },
    15,
    'careful',
    /over 1 h 0 min: no watch can become stable/,
  ],
  ['not told', {}, null, 'careful', /does not list .* speak of now 5 min 30 s after a run/],
  [
    'said',
    { scrapeIntervalSeconds: 10 },
    null,
    'ok',
    /^scraped every 10 s; a watch asks over 1 min/,
  ],
])('windows, %s', (_, changes, seconds, state, words) => {
  const settings = { ...MetricsSettings.parse({}), ...changes }
  const checks = windowChecks(settings, seconds === null ? null : scrapedEvery(seconds))
  expect(checks[0]).toMatchObject({ state, found: expect.stringMatching(words) })
})

test('what is scraped seldom is not to be called stale in between', () => {
  const settings = MetricsSettings.parse({})
  expect(windowChecks(settings, scrapedEvery(30))).toHaveLength(1)
  expect(windowChecks(settings, scrapedEvery(60))[1]).toMatchObject({
    state: 'careful',
    found: expect.stringContaining('every 1 min is called stale after 60 s'),
    todo: 'set prometheus.staleAfterSeconds to 120',
  })
  expect(windowChecks({ ...settings, staleAfterSeconds: 120 }, scrapedEvery(60))).toHaveLength(1)
})

test('the slowest target counts, and a list that cannot be had is no answer', async () => {
  const clock = { now: () => atMs }
  const { world } = sandboxWorld({ scenario: 'healthy', clock, settings: assessSettings })
  const over = (targets: Metrics['targets']) =>
    checkWindows({ assess: assessSettings }, { metrics: { ...world.metrics!, targets } })
  expect((await over(async () => [scrapedEvery(15), scrapedEvery(60)]))[0]).toMatchObject({
    found: expect.stringContaining('scraped every 1 min'),
  })
  expect(await over(async () => [])).toMatchObject([{ state: 'careful' }])
  const failing =
    (fault: Omit<ConstructorParameters<typeof Fault>[0], 'dependency'>) => async () => {
      throw new Fault({ dependency: 'prometheus', ...fault })
    }
  const noSuchPage = failing({ kind: 'terminal', detail: 'answered HTTP 404' })
  expect(await over(noSuchPage)).toMatchObject([{ state: 'careful' }])
  // Told by the probes, and told there once.
  expect(await over(failing({ kind: 'retryable', detail: 'refused' }))).toEqual([])
  expect(await over(failing({ kind: 'terminal', detail: 'no', code: '401' }))).toEqual([])
  expect(await checkWindows({ assess: assessSettings }, { metrics: null })).toEqual([])
})
