import { describe, expect, test } from 'vitest'
import { chartQueries, measureChart } from '../../../src/assess/measure-chart.ts'
import { quantileOfEither } from '../../../src/promql/buckets.ts'
import { seriesIn } from '../../../src/assess/range-series.ts'
import { MetricsSettings } from '../../../src/domain/assessment/settings.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { Window } from '../../../src/domain/chart/chart.ts'
import type { Metrics } from '../../../src/ports/metrics.ts'

const settings = MetricsSettings.parse({})
const T = Date.UTC(2026, 10, 22, 3, 0, 0)
const WINDOW: Window = { fromMs: T, toMs: T + 60_000, stepMs: 15_000 }
const never = new AbortController().signal

type Numbers = readonly (number | string | null)[]

/** As Prometheus answers a query over a time; where there is nothing it leaves the moment out. */
function matrix(values: Numbers, more: object = {}): string {
  const pairs = values.flatMap((value, index) => {
    return value === null ? [] : [[(T + index * 15_000) / 1_000, String(value)]]
  })
  const result = pairs.length > 0 ? [{ metric: {}, values: pairs }] : []
  return JSON.stringify({ status: 'success', ...more, data: { resultType: 'matrix', result } })
}

const refused = new Fault({
  kind: 'retryable',
  dependency: 'prometheus',
  detail: 'connection refused at 127.0.0.1:9090',
})

type Answers = Partial<Record<'errors' | 'traffic' | 'p95' | 'users', Numbers | string | Fault>>

function measured(answers: Answers) {
  const { p95, ...others } = chartQueries(settings, WINDOW, 15_000)
  const queries = { ...others, p95: quantileOfEither(p95), users: settings.activeUsers }
  const range: Metrics['range'] = async (query) => {
    const found = (['errors', 'traffic', 'p95', 'users'] as const).find(
      (one) => queries[one] === query,
    )
    const answer = found && answers[found]
    if (answer instanceof Fault) throw answer
    if (typeof answer === 'string') return answer
    return matrix(answer ?? [])
  }
  const metrics: Metrics = {
    range,
    instant: async () => ({ kind: 'no-data' }),
    labelled: async () => ({ kind: 'unusable', because: 'not asked' }),
    targets: async () => [],
  }
  return measureChart(metrics, settings, WINDOW, { slowestScrapeMs: 15_000, signal: never })
}

const whole = [40, 40, 40, 40, 40]

describe('the numbers of an incident', () => {
  test('are a ratio in percent, seconds and people, step by step', async () => {
    const panels = await measured({
      traffic: whole,
      errors: [0, 0.2, 20, 4, 0],
      p95: [0.24, 0.25, 1.2, 0.3, 0.24],
      users: [118, 117, 83, 84, 90],
    })
    expect(panels).toEqual([
      { id: 'errors', values: [0, 0.5, 50, 10, 0], remark: null },
      { id: 'latency', values: [0.24, 0.25, 1.2, 0.3, 0.24], remark: null },
      { id: 'users', values: [118, 117, 83, 84, 90], remark: null },
    ])
  })

  test.each<{ name: string; answers: Answers; values: unknown[] }>([
    {
      name: 'nothing is counted',
      answers: { errors: [0, 0, 0, 0, 0], traffic: [40, null, null, 40, 40] },
      values: [0, 'no-data', 'no-data', 0, 0],
    },
    {
      name: 'too little comes in',
      answers: { errors: [0, 0, 0, 0, 0], traffic: [40, 0.1, 0, 0.2, 40] },
      values: [0, 'no-traffic', 'no-traffic', 0, 0],
    },
    {
      name: 'the errors are not told',
      answers: { errors: [0, null, 4, 4, 4], traffic: whole },
      values: [0, 'no-data', 10, 10, 10],
    },
    {
      name: 'they are no numbers',
      answers: { errors: ['NaN', '+Inf', 0, 0, 0], traffic: whole },
      values: ['no-data', 'no-data', 0, 0, 0],
    },
  ])('are missing, and never nothing, where $name (J10)', async ({ answers, values }) => {
    const [errors] = await measured(answers)
    expect(errors?.values).toEqual(values)
  })

  test('that one query does not tell are missing, and the others are there', async () => {
    const [errors, latency, users] = await measured({
      errors: [0, 0, 0, 0, 0],
      traffic: whole,
      p95: refused,
      users: '<html>',
    })
    expect(errors?.values).toEqual([0, 0, 0, 0, 0])
    expect(latency).toEqual({
      id: 'latency',
      values: Array.from({ length: 5 }, () => 'no-data'),
      remark: 'its query was not answered: connection refused at 127.0.0.1:9090',
    })
    expect(users?.remark).toBe('its query was not answered: the answer cannot be read')
  })

  test('are none when no query is answered: that is a fault, and no empty picture', async () => {
    const none = { errors: refused, traffic: refused, p95: refused, users: refused }
    await expect(measured(none)).rejects.toBe(refused)
  })

  test('that may be incomplete say so', async () => {
    const warned = matrix(whole, { warnings: ['a store did not answer'] })
    const [errors] = await measured({ errors: [0, 0, 0, 0, 0], traffic: warned })
    expect(errors?.remark).toBe('the answer may be incomplete')
    const partly = matrix([1, 1, 1, 1, 1], { isPartial: true })
    expect(seriesIn(partly, WINDOW).remark).toBe('the answer may be incomplete')
  })

  test('of several series are none', () => {
    const two = JSON.parse(matrix([1, 2]))
    two.data.result.push(two.data.result[0])
    const { values, remark } = seriesIn(JSON.stringify(two), WINDOW)
    expect(values).toEqual([null, null, null, null, null])
    expect(remark).toBe('its query gives 2 series, and not one')
  })
})

describe('what is asked', () => {
  test('is measured over as short a time as the watch asks, so that a cure is seen', () => {
    const { errors, traffic, p95 } = chartQueries(settings, WINDOW, 15_000)
    for (const query of [errors, traffic, p95]) expect(query).toContain('[60s]')
  })

  test('is as the settings say where the steps are wider, so that nothing between them is missed', () => {
    const wide = { ...WINDOW, stepMs: 300_000 }
    expect(chartQueries(settings, wide, 15_000)).toMatchObject({
      errors: settings.errors,
      p95: settings.p95,
    })
  })
})
