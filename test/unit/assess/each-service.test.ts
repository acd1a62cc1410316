import { describe, expect, test } from 'vitest'
import { askedLess, eachService, refusingMore } from '../../../src/assess/each-service.ts'
import { MetricsSettings, ServiceSettings } from '../../../src/domain/assessment/settings.ts'
import type { Labelled, Metrics } from '../../../src/ports/metrics.ts'
import { PART } from '../../../src/promql/ask-together.ts'

type Told = Readonly<Record<string, number>>

const services = ['backend', 'frontend'].map((name) =>
  ServiceSettings.parse({ name, url: 'http://shop' }),
)
const never = new AbortController().signal

/** What is told of the frontend, under the names of the parts; of the backend, that all is as ever. */
async function asked(told: Told, more: Partial<MetricsSettings> = {}) {
  const usual: Told = {
    age: 5,
    'whole 300': 3_000,
    beside: 30,
    'whole hour-ago': 36_000,
    'beside hour-ago': 360,
    'whole yesterday': 36_000,
    'beside yesterday': 360,
  }
  const series = (job: string, all: Told): readonly Labelled[] =>
    Object.entries(all).map(([name, value]) => ({ labels: { job, [PART]: name }, value }))
  const queries: string[] = []
  const metrics: Metrics = {
    instant: async () => ({ kind: 'no-data' }),
    labelled: async (query) => {
      queries.push(query)
      return {
        kind: 'series',
        series: [...series('backend', usual), ...series('frontend', { ...usual, ...told })],
      }
    },
    targets: async () => [],
    range: async () => '',
  }
  const settings = MetricsSettings.parse(more)
  const all = await eachService(metrics, { metrics: settings, services }, never)
  const of = (parts: ReturnType<typeof askedLess>) =>
    parts.find(({ service }) => service === 'frontend')
  return { all, queries, less: of(askedLess(all)), refused: of(refusingMore(all, 0.2)) }
}

describe('each service by itself', () => {
  test('is held against its own hours before', async () => {
    const { less, refused, queries } = await asked({ 'whole 300': 300, beside: 150 })
    expect(less).toMatchObject({ percent: 90, counts: { part: 150, whole: 300 } })
    expect(less?.says).toBe('1 requests/s, 10 an hour ago (-90 %)')
    expect(refused).toMatchObject({ percent: 49 })
    expect(refused?.says).toBe('4xx 50 % of requests, against 1 % an hour ago')
    expect(queries).toHaveLength(2)
  })

  test('says nothing of 4xx of few requests, and of nothing usual', async () => {
    expect((await asked({ 'whole 300': 20, beside: 20 })).refused).toBeUndefined()
    const unknown = await asked({ 'whole hour-ago': 100, 'whole yesterday': 100 })
    expect([unknown.less, unknown.refused]).toEqual([undefined, undefined])
  })

  test('is left out where its numbers are old, and where nobody tells services apart', async () => {
    expect((await asked({ age: 61 })).all.map(({ service }) => service)).toEqual(['backend'])
    expect((await asked({}, { countedServices: ['backend'] })).all).toEqual([])
    expect((await asked({}, { traffic: 'job:requests:rate5m' })).all).toEqual([])
  })
})
