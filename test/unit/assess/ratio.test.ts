import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ratioOf } from '../../../src/assess/ratio.ts'
import type { MetricAnswer, Metrics } from '../../../src/ports/metrics.ts'

const value = (number: number): MetricAnswer => ({ kind: 'value', value: number })
const nothing: MetricAnswer = { kind: 'no-data' }
const partial: MetricAnswer = { kind: 'partial', because: 'one store is down' }
const unusable: MetricAnswer = { kind: 'unusable', because: '2 series where one was expected' }
const notANumber = (text: string): MetricAnswer => ({ kind: 'not-a-number', text })

/** A Prometheus that knows two queries. */
function ratio(part: MetricAnswer, whole: MetricAnswer) {
  const metrics: Metrics = {
    instant: async (query) => (query === 'part' ? part : whole),
    labelled: async () => ({ kind: 'unusable', because: 'not asked' }),
    targets: async () => [],
    range: async () => '',
  }
  return ratioOf(
    metrics,
    {
      name: '5xx',
      verb: 'ended in 5xx',
      part: 'part',
      whole: 'whole',
      wholeName: 'requests',
      minimumPerSecond: 0.2,
      degradedFromPercent: 5,
    },
    AbortSignal.timeout(1_000),
  )
}

describe('a ratio', () => {
  test.each([
    [0, 10, 0, 'healthy'],
    [0.499, 10, 4.99, 'healthy'],
    [0.5, 10, 5, 'degraded'],
    [6.2, 10, 62, 'degraded'],
    [10, 10, 100, 'degraded'],
    [10.1, 10, 101, 'degraded'],
  ])('%d of %d is %d %%: %s', async (part, whole, percent, verdict) => {
    expect(await ratio(value(part), value(whole))).toMatchObject({
      class: 'value',
      verdict,
      value: percent,
    })
  })

  test('of zero failures is healthy only because there is traffic', async () => {
    expect(await ratio(value(0), value(0.2))).toMatchObject({ class: 'value', value: 0 })
    expect(await ratio(value(0), value(0.199))).toMatchObject({ class: 'no-traffic', value: null })
  })

  test('that is exactly a limit is measured as exactly that limit, whatever floating point says', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(2, 5, 10, 50),
        fc.integer({ min: 2, max: 100_000 }),
        async (percent, traffic) => {
          const whole = traffic / 10
          const finding = await ratio(value((whole * percent) / 100), value(whole))
          expect(finding.value).toBe(percent)
        },
      ),
    )
  })
})

describe('what is no ratio is no value, and never healthy', () => {
  test.each([
    ['zero traffic', value(0), value(0), 'no-traffic'],
    ['hardly any traffic', value(0.1), value(0.1), 'no-traffic'],
    ['negative traffic', value(1), value(-5), 'no-traffic'],
    ['NaN traffic', value(0), notANumber('NaN'), 'no-traffic'],
    ['infinite traffic', value(0), notANumber('+Inf'), 'no-traffic'],
    ['NaN failures', notANumber('NaN'), value(10), 'no-traffic'],
    ['negative failures', value(-1), value(10), 'error'],
    ['far more failures than requests', value(12), value(10), 'error'],
    ['no series for the traffic', value(0), nothing, 'no-data'],
    ['no series for the failures', nothing, value(10), 'no-data'],
    ['an incomplete answer for the traffic', value(0), partial, 'partial'],
    ['an incomplete answer for the failures', partial, value(10), 'partial'],
    ['two series where one is expected', value(0), unusable, 'error'],
    ['two series of failures', unusable, value(10), 'error'],
  ])('%s: %s / %s', async (_what, part, whole, kind) => {
    expect(await ratio(part, whole)).toMatchObject({
      class: kind,
      verdict: 'inconclusive',
      value: null,
    })
  })

  test('whatever the two answers are, only a fraction of real traffic can be healthy', async () => {
    const Answer = fc.oneof(
      fc.double({ noDefaultInfinity: true, noNaN: true }).map(value),
      fc.constantFrom(nothing, partial, unusable, notANumber('NaN'), notANumber('-Inf')),
    )
    await fc.assert(
      fc.asyncProperty(Answer, Answer, async (part, whole) => {
        const finding = await ratio(part, whole)
        expect(finding.summary).not.toBe('')
        if (finding.class !== 'value') {
          expect(finding.verdict).toBe('inconclusive')
          return
        }
        const measured = part.kind === 'value' && whole.kind === 'value' && whole.value >= 0.2
        expect(measured).toBe(true)
        expect(Number.isFinite(finding.value)).toBe(true)
      }),
    )
  })
})
