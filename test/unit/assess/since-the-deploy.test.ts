import { describe, expect, test } from 'vitest'
import { assess } from '../../../src/assess/assess.ts'
import { causeInWords, causeLines } from '../../../src/chat/parts/cause-lines.ts'
import type { Assessment } from '../../../src/domain/assessment/assessment.ts'
import type { Baseline } from '../../../src/domain/assessment/detail.ts'
import type { NewRoutes } from '../../../src/domain/assessment/new-routes.ts'
import { MetricsSettings } from '../../../src/domain/assessment/settings.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { newRoutesQuery } from '../../../src/promql/new-routes.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { assessment, at, atMs, measurement, newestChange } from '../../support/builders.ts'
import { assessSettings, waysBackOver } from '../../support/contracts/settings.ts'
import { inVirtualTime } from '../../support/virtual-timers.ts'

const before: Baseline = {
  of: 'before-deploy',
  value: 0.21,
  unit: '%',
  events: 14_020,
  abnormal: false,
}

function errors(changes: Parameters<typeof measurement>[0] = {}) {
  const counts = { part: 744, whole: 1_200 }
  const detail = {
    counts,
    windows: [{ ...counts, seconds: 300, percent: 62 }],
    baselines: [before],
  }
  return measurement({ value: 62, verdict: 'degraded', detail, ...changes })
}

function lines(changes: Partial<Assessment>): string {
  return causeLines(assessment(changes))
    .map(({ mrkdwn }) => mrkdwn)
    .join('\n')
}

describe('a version that runs alone is held against the time before it', () => {
  const changes = [newestChange('backend', { images: ['shop/backend:v2.0.0'] })]

  test('with the counts of both', () => {
    const told = { measurements: [errors()], changes }
    const says =
      'with v2.0.0, 62 % of 1,200 requests in 5 min, 0.2 % of 14,020 in the hour before the deploy'
    expect(lines(told)).toBe(`*Failed* ${says}.`)
    expect(causeInWords(assessment(told))).toEqual([`Failed ${says}`])
  })

  test.each<[string, Partial<Assessment>]>([
    ['fails no more than usual', { measurements: [errors({ verdict: 'healthy' })] }],
    ['has no time before it that is known', { measurements: [errors({ detail: {} })] }],
    [
      'does not run alone',
      { measurements: [errors()], versions: [answered('v2.0.0'), answered('v1.9.0')] },
    ],
  ])('but not where it %s', (_, told) => {
    expect(lines({ ...told, changes })).not.toContain('before the deploy')
  })

  test('why that time is not known stands with the number', async () => {
    const { world } = sandboxWorld({
      scenario: 'errors-62',
      clock: { now: () => atMs },
      settings: assessSettings,
    })
    const list = async () => {
      throw new Fault({ kind: 'retryable', dependency: 'kubernetes', detail: 'HTTP 503' })
    }
    const workloads = world.workloads && { ...world.workloads, list }
    const { measurements } = await inVirtualTime(() =>
      assess({ ...world, workloads }, assessSettings, [], waysBackOver(assessSettings)),
    )
    const found = measurements.find(({ probe }) => probe === 'error-ratio-low')
    expect(found?.summary).toContain('what it was before the deploy is not known (HTTP 503)')
  })
})

describe('what fails since the deploy and never did before', () => {
  const named = [
    { route: '/api/documents', status: '500', requests: 1_830 },
    { route: '/api/files', status: '404', requests: 120 },
    { route: '', status: '502', requests: 7 },
  ]

  test('is named with its counts, the rest counted', () => {
    const newRoutes: NewRoutes = { since: at, named, more: 4 }
    const says = '500 at /api/documents (1,830), 404 at /api/files (120), 502 (7), and 4 more'
    expect(lines({ newRoutes })).toBe(`*New since the deploy:* ${says}.`)
    expect(causeInWords(assessment({ newRoutes }))).toEqual([`New since the deploy: ${says}`])
  })

  test('is written as text, whatever a route is called', () => {
    const route = '<!channel> *bold* '.repeat(40)
    const shown = lines({
      newRoutes: { since: at, named: [{ route, status: '500', requests: 9 }], more: 0 },
    })
    expect(shown).not.toContain('<!channel>')
    expect(shown.length).toBeLessThan(300)
  })

  test('takes no line where there is nothing, or nobody knows', () => {
    expect(lines({ newRoutes: { since: at, named: [], more: 0 } })).toBe('')
    expect(lines({ newRoutes: null })).toBe('')
  })

  const shipped = MetricsSettings.parse({})
  const ofHour = { endedSeconds: 600, atMost: 3 }

  test('is asked by the labels of the query', () => {
    const failedRoutes = 'sum by (path, code) (increase(requests_total{code=~"5.."}[10m]))'
    const asked = newRoutesQuery({ ...shipped, failedRoutes }, ofHour)
    expect(asked?.labels).toEqual(['path', 'code'])
    expect(asked?.query).toContain('sum by (path, code)')
    expect(asked?.query).toContain('requests_total{code=~"5.."}[3600s] offset 600s')
  })

  test.each([
    ['of one label', 'sum by (route) (increase(requests_total[5m]))'],
    ['of three labels', 'sum by (a, b, c) (increase(requests_total[5m]))'],
    ['of a rate', 'sum by (route, status) (rate(requests_total[5m]))'],
    ['of something recorded', 'job:failed:increase5m'],
  ])('is not asked of a query %s', (_, failedRoutes) => {
    expect(newRoutesQuery({ ...shipped, failedRoutes }, ofHour)).toBe(null)
  })
})

function answered(name: string) {
  return { name, failed: 1, requests: 100 }
}
