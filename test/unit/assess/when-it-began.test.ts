import { expect, test } from 'vitest'
import { readCourses } from '../../../src/assess/courses.ts'
import { whenItBegan } from '../../../src/assess/when-it-began.ts'
import { MetricsSettings } from '../../../src/domain/assessment/settings.ts'
import type { Metrics } from '../../../src/ports/metrics.ts'
import { causeInWords } from '../../../src/chat/parts/cause-lines.ts'
import { assessment, ruleOf, rulesOver } from '../../support/builders.ts'
import { assessSettings } from '../../support/contracts/settings.ts'

const NOW_MS = Date.UTC(2026, 10, 22, 3, 12)
const MINUTE_MS = 60_000
const OWN = /service="frontend"/
const settings = { ...assessSettings, metrics: MetricsSettings.parse({ serviceLabel: 'service' }) }
const over = { nowMs: NOW_MS, signal: new AbortController().signal }

/** 0.5 % of all fail, and of the frontend's requests all do since so many minutes. */
function metricsWith(ofOne: 'fails' | 'has no such label'): Metrics {
  const range: Metrics['range'] = async (query, { fromMs, toMs, stepSeconds }) => {
    const own = OWN.test(query)
    const values: [number, string][] = []
    for (let ms = fromMs; ms <= toMs; ms += stepSeconds * 1_000) {
      const isBad = ms > NOW_MS - 5 * MINUTE_MS
      const errors = own ? (isBad ? 0.9 : 0) : 0.5
      const value = query.includes('5..') ? errors : own ? 1 : 100
      values.push([ms / 1_000, String(value)])
    }
    const isThere = !own || ofOne === 'fails'
    const result = isThere ? [{ metric: {}, values }] : []
    return JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } })
  }
  return {
    instant: async () => ({ kind: 'no-data' }),
    labelled: async () => ({ kind: 'series', series: [] }),
    range,
    targets: async () => [],
  }
}

async function began(metrics: Metrics, service?: string) {
  const of = service === undefined ? {} : { service }
  const rules = [{ ...ruleOf(rulesOver([]), 'errors-critical'), matched: true, ...of }]
  const courses = await readCourses(metrics, settings.metrics, over)
  const conclusion = { decision: 'roll-back', reasons: ['errors-critical'] } as const
  return whenItBegan(conclusion, rules, courses, { metrics, settings, over })
}

test('where one service decided, its own trouble has its own beginning, and is said to be of it', async () => {
  const onset = await began(metricsWith('fails'), 'frontend')
  expect(onset).toMatchObject({ of: 'errors', service: 'frontend', by: '2026-11-22T03:08:00.000Z' })
  expect(causeInWords(assessment({ onset }))[0]).toMatch(/^Errors of frontend began 03:0\d/)
})

test('among all of them it may not be seen', async () => {
  expect(await began(metricsWith('fails'))).toBeNull()
})

test('where its numbers cannot be told apart, that of all stands', async () => {
  expect(await began(metricsWith('has no such label'), 'frontend')).toBeNull()
})
