import { expect, test } from 'vitest'
import { MetricsSettings } from '../../../src/domain/assessment/settings.ts'
import { areMatchers, narrowed } from '../../../src/promql/narrow.ts'
import { quantileOfBuckets, selectorsIn, sumOfRate } from '../../../src/promql/read-query.ts'

const { traffic, errors, p95, p95Yesterday } = MetricsSettings.parse({})

test.each([
  [traffic, 'http_requests_total{status=~"[1-5].."}', 300_000],
  [errors, 'http_requests_total{status=~"5.."}', 300_000],
  ['sum(rate(x[1m30s]))', 'x', 90_000],
  ['sum (  rate( x{a="}{[5m]"} [10m] ) ) or vector(0)', 'x{a="}{[5m]"}', 600_000],
  ['(sum((rate(x[5m]))))', 'x', 300_000],
])('%s counts %s', (query, text, windowMs) => {
  expect(sumOfRate(query)).toMatchObject({ selector: { text }, windowMs })
})

test.each([
  'job:requests:rate5m',
  'sum by (job) (rate(x[5m]))',
  'sum(rate(x[5m] offset 1h))',
  'sum(irate(x[5m]))',
  'sum(rate(x[5m])) / 2',
  'sum(rate(x[5m:15s]))',
  'sum(rate(x[5m]',
  'avg(rate(x[5m]))',
])('of %s nothing is derived', (query) => {
  expect(sumOfRate(query)).toBeNull()
})

test('a quantile of buckets tells its histogram, at another time too', () => {
  const metric = 'http_request_duration_seconds_bucket'
  for (const query of [p95, p95Yesterday]) {
    expect(quantileOfBuckets(query)).toMatchObject({ quantile: 0.95, selector: { metric } })
  }
  expect(quantileOfBuckets(p95.replace('by (le)', 'by (le, job)'))).toBeNull()
  expect(quantileOfBuckets(p95.replaceAll('_bucket', ''))).toBeNull()
})

test('what narrows is put into every selector of a shipped query, and its meaning stays', () => {
  const match = 'env="production"'
  for (const [key, query] of Object.entries(MetricsSettings.parse({}))) {
    if (typeof query !== 'string' || key === 'serviceLabel') continue
    const before = selectorsIn(query)
    const after = selectorsIn(narrowed(query, match))
    expect(after).toHaveLength(before.length)
    for (const { text } of after) expect(text).toContain(match)
    expect(after.map(({ metric }) => metric)).toEqual(before.map(({ metric }) => metric))
    expect(
      narrowed(query, match)
        .replaceAll(/\{env="production",?/g, '{')
        .replaceAll('{}', ''),
    ).toBe(query.replaceAll('{}', ''))
  }
})

test.each([
  ['x', 'x{env="p"}'],
  ['x{}', 'x{env="p"}'],
  ['x{a="b"}', 'x{env="p",a="b"}'],
  ['x{a="}",}', 'x{env="p",a="}",}'],
  ['{__name__="x"}', '{env="p",__name__="x"}'],
  ['rate(x[5m] offset 1d) / y', 'rate(x{env="p"}[5m] offset 1d) / y{env="p"}'],
  ['"x{}" # x', '"x{}" # x'],
])('%s is narrowed to %s', (query, expected) => {
  expect(narrowed(query, 'env="p"')).toBe(expected)
})

test.each(['env="p"', 'env="p",stage!="dev"', 'a=~"b|c"'])('%s narrows', (match) => {
  expect(areMatchers(match)).toBe(true)
})

test.each(['', 'env', 'env="p"} or up{', 'env="p', '{env="p"}', 'x'])(
  '%s narrows nothing',
  (match) => {
    expect(areMatchers(match)).toBe(false)
  },
)
