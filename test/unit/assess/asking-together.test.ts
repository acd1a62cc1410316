import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { askingTogether } from '../../../src/assess/asking-together.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { Labelled, LabelledAnswer, Metrics } from '../../../src/ports/metrics.ts'
import { PART } from '../../../src/promql/ask-together.ts'

const DEADLINE_MS = 3_000
const NOW = Date.parse('2026-03-01T12:00:00Z')
const { signal } = new AbortController()

const part = (name: string, value: number): Labelled => ({ labels: { [PART]: name }, value })
const series = (...all: readonly Labelled[]): LabelledAnswer => ({ kind: 'series', series: all })

/** Whoever is asked alone says so by the number 1,000. */
function over(together: Metrics['labelled'], range: Metrics['range'] = async () => 'alone') {
  const asked: string[] = []
  const metrics: Metrics = {
    takesSeveral: true,
    instant: async (query) => {
      asked.push(query)
      return { kind: 'value', value: 1_000 }
    },
    labelled: async (query, options) => {
      asked.push(query)
      return together(query, options)
    },
    range: async (query, options) => {
      asked.push(query)
      return range(query, options)
    },
    targets: async () => [],
  }
  return { asked, metrics: askingTogether(metrics, { now: () => NOW }, DEADLINE_MS) }
}

const ALONE = { kind: 'value', value: 1_000 }

describe('what is asked in the same turn', () => {
  test('is one question, and each gets the answer that it would have got alone', async () => {
    const { asked, metrics } = over(async () =>
      series(
        part('0', 0.5),
        part('2', Number.NaN),
        part('3', 1),
        part('3', 2),
        part('4', -Infinity),
      ),
    )
    const answers = ['sum(a)', 'sum(b)', 'sum(c)', 'd', 'sum(e)'].map((query) =>
      metrics.instant(query, { signal }),
    )
    expect(await Promise.all(answers)).toEqual([
      { kind: 'value', value: 0.5 },
      { kind: 'no-data' },
      { kind: 'not-a-number', text: 'NaN' },
      { kind: 'unusable', because: '2 series where one was expected' },
      { kind: 'not-a-number', text: '-Inf' },
    ])
    expect(asked).toHaveLength(1)
  })

  test('stands in it as a vector, and as it was at the time that was asked about', async () => {
    const { asked, metrics } = over(async () => series(part('0', 1), part('1', 2), part('2', 3)))
    const atMs = NOW - 3_600_000
    await Promise.all([
      metrics.instant('time()', { signal }),
      metrics.instant('sum(rate(a[5m])) or vector(0)', { signal, atMs }),
      metrics.instant('sum(b) / sum(rate(c{x="}"}[1m]))', { signal, atMs }),
    ])
    expect(asked).toEqual([
      [
        `label_replace(vector(time()), "${PART}", "0", "", "")`,
        `label_replace(sum(rate(a[5m] offset 3600s)) or vector(0), "${PART}", "1", "", "")`,
        `label_replace(sum(b offset 3600s) / sum(rate(c{x="}"}[1m] offset 3600s)), "${PART}", "2", "", "")`,
      ].join(' or '),
    ])
  })

  test('is asked alone where nobody knows how to put it to the others', async () => {
    const { asked, metrics } = over(async () => series(part('0', 1), part('1', 2)))
    const atMs = NOW - 3_600_000
    const alone = [
      metrics.instant('"text"', { signal }),
      metrics.instant('a[5m]', { signal }),
      metrics.instant('sum(', { signal }),
      metrics.instant('sum(a) # all of them', { signal }),
      metrics.instant('time() - b', { signal, atMs }),
      metrics.instant('sum(a offset 1d)', { signal, atMs }),
      metrics.instant('avg_over_time(sum(a)[1h:1m])', { signal, atMs }),
      metrics.instant('sum(a)', { signal, atMs: NOW + 60_000 }),
    ]
    const together = [metrics.instant('sum(a)', { signal }), metrics.instant('b', { signal })]
    expect(await Promise.all(alone)).toEqual(alone.map(() => ALONE))
    expect(await Promise.all(together)).toEqual([1, 2].map((value) => ({ kind: 'value', value })))
    expect(asked).toHaveLength(alone.length + 1)
  })

  test('is asked as it is where there is no other', async () => {
    const { asked, metrics } = over(async () => series())
    expect(await metrics.instant('sum(a)', { signal })).toEqual(ALONE)
    expect(asked).toEqual(['sum(a)'])
  })
})

describe('an answer that is not one to all', () => {
  test.each<[string, () => Promise<LabelledAnswer>]>([
    ['is incomplete', async () => ({ kind: 'partial', because: 'a store is away' })],
    ['cannot be used', async () => ({ kind: 'unusable', because: 'bad_data' })],
    [
      'did not come',
      async () => {
        throw new Fault({ kind: 'retryable', dependency: 'prometheus', detail: 'refused' })
      },
    ],
  ])('because it %s, is none: each is asked alone', async (_, together) => {
    const { asked, metrics } = over(together)
    const answers = ['sum(a)', 'sum(b)'].map((query) => metrics.instant(query, { signal }))
    expect(await Promise.all(answers)).toEqual([ALONE, ALONE])
    expect(asked.slice(1)).toEqual(['sum(a)', 'sum(b)'])
  })
})

describe('an answer that is late', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('holds up nobody: after a third of the time each is asked alone', async () => {
    const { asked, metrics } = over(() => new Promise(() => {}))
    const answers = ['sum(a)', 'sum(b)'].map((query) => metrics.instant(query, { signal }))
    await vi.advanceTimersByTimeAsync(DEADLINE_MS / 3 - 1)
    expect(asked).toHaveLength(1)
    await vi.advanceTimersByTimeAsync(1)
    expect(await Promise.all(answers)).toEqual([ALONE, ALONE])
  })

  test('leaves no timer behind when it has come', async () => {
    const { metrics } = over(async () => series(part('0', 1), part('1', 2)))
    await Promise.all(['sum(a)', 'b'].map((query) => metrics.instant(query, { signal })))
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('what is asked over the same time', () => {
  const window = { fromMs: NOW - 60_000, toMs: NOW, stepSeconds: 15, signal }
  const one = (metric: Record<string, string>) => ({ metric, values: [[1, '2']] })
  const told = (result: readonly unknown[], more = {}) =>
    JSON.stringify({ status: 'success', ...more, data: { resultType: 'matrix', result } })

  test('is one question, and each gets what it would have got alone', async () => {
    const { asked, metrics } = over(
      async () => series(),
      async () =>
        told([
          one({ [PART]: '0' }),
          one({ [PART]: '1', pod: 'a' }),
          one({ [PART]: '1', pod: 'b' }),
        ]),
    )
    const answers = ['sum(a)', 'b', 'c'].map((query) => metrics.range(query, window))
    expect(await Promise.all(answers)).toEqual([
      told([one({})]),
      told([one({ pod: 'a' }), one({ pod: 'b' })]),
      told([]),
    ])
    expect(asked).toHaveLength(1)
  })

  test('is asked alone over another time, and after an answer that is not whole', async () => {
    const { asked, metrics } = over(
      async () => series(),
      async (query) => (query.includes(' or ') ? told([], { warnings: ['a part'] }) : told([])),
    )
    const answers = [
      metrics.range('a', window),
      metrics.range('b', window),
      metrics.range('c', { ...window, stepSeconds: 60 }),
    ]
    expect(await Promise.all(answers)).toEqual([told([]), told([]), told([])])
    expect(asked.slice(1).toSorted()).toEqual(['a', 'b', 'c'])
  })
})
