import { describe, expect, test } from 'vitest'
import { followingErrors } from '../../../src/config/following-errors.ts'
import { MetricsSettings } from '../../../src/domain/assessment/settings.ts'

const read = (settings: Partial<MetricsSettings>) =>
  followingErrors(MetricsSettings.parse(settings))
const SHIPPED = MetricsSettings.parse({})

describe('what a team has left out beside its own errors', () => {
  const all = 'http_requests_total{env="x",code=~"[1-5].."}'
  const own = {
    traffic: `sum(rate(${all}[5m]))`,
    errors: 'sum(rate(http_requests_total{env="x",code=~"5.."}[10m])) or vector(0)',
  }

  test('is counted under the same label, and over the same time', () => {
    expect(read(own)).toMatchObject({
      clientErrors: 'sum(rate(http_requests_total{env="x",code=~"4.."}[600s])) or vector(0)',
      unavailable: 'sum(rate(http_requests_total{env="x",code="503"}[600s])) or vector(0)',
      failedApart:
        'sum by (instance, pod, version) (increase(http_requests_total{env="x",code=~"5.."}[600s]))',
      requestsApart: `sum by (instance, pod, version) (increase(${all}[600s]))`,
      failedRoutes:
        'sum by (route, code) (increase(http_requests_total{env="x",code=~"[45].."}[600s]))',
    })
  })

  test('of another metric, nothing tells its routes', () => {
    const { clientErrors, failedRoutes } = read({ errors: 'sum(rate(hits{s=~"5\\\\d\\\\d"}[5m]))' })
    expect(clientErrors).toBe('sum(rate(hits{s=~"4.."}[300s])) or vector(0)')
    expect(failedRoutes).toBe(SHIPPED.failedRoutes)
  })

  test.each([
    'job:errors:rate5m',
    'sum(rate(errors_total[5m]))',
    'sum(rate(hits{status!~"2.."}[5m]))',
    'sum(rate(hits{status=~"(5.."}[5m]))',
    'sum(rate(a{code=~"5.."}[5m])) + sum(rate(b{code=~"5.."}[5m]))',
  ])('of %s nothing follows: then none that is counted is no zero', (errors) => {
    const { clientErrors, unavailable, failedApart } = read({ errors })
    expect(clientErrors).toBe('sum(rate(http_requests_total{status=~"4.."}[5m]))')
    expect([unavailable, failedApart]).toEqual([SHIPPED.unavailable, SHIPPED.failedApart])
  })

  test('is as shipped where errors are, and as written where it was not left out', () => {
    expect(read({ traffic: own.traffic })).toEqual(MetricsSettings.parse({ traffic: own.traffic }))
    expect(read({ ...own, clientErrors: 'mine' }).clientErrors).toBe('mine')
  })
})
