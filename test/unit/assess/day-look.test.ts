import { describe, expect, test } from 'vitest'
import { DAY_PROBES } from '../../../src/assess/day-probes.ts'
import { lookAt } from '../../../src/assess/look.ts'
import type { MetricAnswer, Metrics } from '../../../src/ports/metrics.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { assessSettings as settings } from '../../support/contracts/settings.ts'

const { metrics: queries } = settings
const DAY_MS = 24 * 60 * 60_000

/** A healthy production, of which these answers are different; `before`: those of yesterday. */
function lookOverADay(
  now: Readonly<Record<string, MetricAnswer>>,
  before: Readonly<Record<string, MetricAnswer>> = {},
  part: 'day' | 'day-after' = 'day',
) {
  const { world } = sandboxWorld({ scenario: 'healthy', clock: { now: () => atMs }, settings })
  const real = world.metrics!
  const metrics: Metrics = {
    ...real,
    // As a server that answers one question at a time: then each is a number.
    labelled: async () => ({ kind: 'unusable', because: 'not asked' }),
    instant: async (query, options) => {
      const given = options.atMs === atMs - DAY_MS ? before[query] : now[query]
      return given ?? real.instant(query, options)
    },
  }
  return lookAt({ ...world, metrics }, settings, patience(), { part })
}

const value = (number: number): MetricAnswer => ({ kind: 'value', value: number })
const NO_DATA: MetricAnswer = { kind: 'no-data' }

type Seen = Awaited<ReturnType<typeof lookOverADay>>
const lineOf = ({ lines }: Seen, probe: string) => lines.find((one) => one.probe === probe)

test('a healthy production is healthy in all of the runbook’s seven numbers', async () => {
  const look = await lookOverADay({})
  expect(look.verdict).toBe('healthy')
  const seven = ['latency-near-baseline', 'error-ratio-low', 'logins-succeeding']
  for (const probe of [...seven, ...DAY_PROBES.map(({ id }) => id)]) {
    expect(lineOf(look, probe)).toMatchObject({ verdict: 'healthy' })
  }
})

describe('a number that is worse than at this hour yesterday', () => {
  test.each<[string, Record<string, MetricAnswer>, string]>([
    [
      'database-time-usual',
      { [queries.databaseTime]: value(0.4) },
      'database query time 400 ms, +',
    ],
    ['cache-hits-usual', { [queries.cacheHits]: value(40) }, 'cache hit rate '],
    ['memory-usual', { [queries.memory]: value(2e9) }, 'memory 2000 MB, +'],
    ['cpu-usual', { [queries.cpu]: value(50) }, 'CPU 50 processors, +'],
  ])('makes the look bad: %s', async (probe, now, says) => {
    const look = await lookOverADay(now)
    expect(look.verdict).toBe('degraded')
    const line = lineOf(look, probe)
    expect(line?.verdict).toBe('degraded')
    expect(line?.says).toContain(says)
    expect(line?.says).toContain('at this hour yesterday')
  })

  test('is bad at the limit, and not below it', async () => {
    const before = { [queries.memory]: value(1e9) }
    const at = (bytes: number) => lookOverADay({ [queries.memory]: value(bytes) }, before)
    expect((await at(1.49e9)).verdict).toBe('healthy')
    expect((await at(1.5e9)).verdict).toBe('degraded')
    expect((await at(0.1e9)).verdict).toBe('healthy')
  })
})

describe('a number that cannot be had', () => {
  test('is shown as such, and neither good nor bad: not every team has it', async () => {
    const look = await lookOverADay({ [queries.memory]: NO_DATA, [queries.logins]: NO_DATA })
    expect(look.verdict).toBe('healthy')
    expect(lineOf(look, 'memory-usual')).toMatchObject({ verdict: 'inconclusive' })
    expect(lineOf(look, 'logins-succeeding')).toMatchObject({ verdict: 'inconclusive' })
  })

  test('of yesterday leaves nothing to compare with, which is said', async () => {
    const look = await lookOverADay({}, { [queries.cpu]: NO_DATA })
    expect(lineOf(look, 'cpu-usual')).toMatchObject({ verdict: 'inconclusive' })
    expect(lineOf(look, 'cpu-usual')?.says).toContain('nothing of yesterday')
  })

  test('of the runbook’s four is no good news: the look is not healthy (J10)', async () => {
    const look = await lookOverADay({ [queries.errors]: NO_DATA })
    expect(look).toMatchObject({ verdict: 'inconclusive' })
    expect(look.quiet).toBeUndefined()
  })

  test('because nobody comes although people do at this hour, is no quiet hour', async () => {
    const { world } = sandboxWorld({ scenario: 'healthy', clock: { now: () => atMs }, settings })
    const metrics: Metrics = {
      ...world.metrics!,
      instant: async (query, options) =>
        query === queries.traffic ? value(0) : world.metrics!.instant(query, options),
    }
    const cache = {
      ...world.cache!,
      readNumber: async () => ({ kind: 'number' as const, value: 3 }),
    }
    const look = await lookAt({ ...world, metrics, cache }, settings, patience(), { part: 'day' })
    expect(lineOf(look, 'active-users-near-baseline')?.verdict).toBe('degraded')
    expect(look.verdict).toBe('inconclusive')
    expect(look.quiet).toBeUndefined()
  })

  test('because nobody comes at this hour, makes the look quiet', async () => {
    const nobody = { [queries.traffic]: value(0) }
    expect(await lookOverADay(nobody)).toMatchObject({ verdict: 'inconclusive', quiet: true })
  })
})

describe('a look whose hour yesterday was in the incident', () => {
  /** Nothing got through yesterday: every number of now is far above it. */
  const outage = {
    [queries.databaseTime]: value(0.000_1),
    [queries.memory]: value(1e6),
    [queries.cpu]: value(0.001),
  }
  /** No time of a deploy is known, so that latency too is held against yesterday. */
  const now = {
    [queries.p95BeforeDeploy]: NO_DATA,
    [queries.p95Yesterday]: value(0.000_1),
    [queries.memory]: value(1e9),
  }
  const compared = ['latency-near-baseline', ...DAY_PROBES.map(({ id }) => id)]

  test('compares nothing with it, and a production that does well is healthy', async () => {
    expect((await lookOverADay(now, outage)).verdict).toBe('degraded')
    const look = await lookOverADay(now, outage, 'day-after')
    expect(look.verdict).toBe('healthy')
    for (const probe of compared) {
      expect(lineOf(look, probe)).toMatchObject({
        verdict: 'inconclusive',
        says: 'not compared: yesterday the incident was under way',
      })
    }
  })

  test('still holds latency against the time before the deploy', async () => {
    const look = await lookOverADay({}, outage, 'day-after')
    expect(lineOf(look, 'latency-near-baseline')?.says).toContain('before the deploy')
    expect(lineOf(look, 'latency-near-baseline')?.verdict).toBe('healthy')
  })

  test('still judges the runbook’s four', async () => {
    const errors = { [queries.errors]: value(50), [queries.traffic]: value(100) }
    expect((await lookOverADay(errors, {}, 'day-after')).verdict).toBe('degraded')
  })
})

describe('a number so small that noise doubles it', () => {
  const from = (before: number, now: number) =>
    lookOverADay({ [queries.cpu]: value(now) }, { [queries.cpu]: value(before) })

  test('is not bad while it stays small, and bad when it does not', async () => {
    expect((await from(0.01, 0.04)).verdict).toBe('healthy')
    expect((await from(0.01, 0.05)).verdict).toBe('degraded')
  })
})
