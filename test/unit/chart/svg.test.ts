import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chartSvg } from '../../../src/chat/chart/chart-svg.ts'
import {
  chartHeadline,
  chartTitle,
  chartWords,
  errorsInWords,
} from '../../../src/chat/chart/chart-words.ts'
import { spread } from '../../../src/chat/chart/mark-svg.ts'
import { inUnit } from '../../../src/chat/chart/numbers.ts'
import { segments } from '../../../src/chat/chart/panel-svg.ts'
import { linear, roundAbove, timeTicks } from '../../../src/chat/chart/scales.ts'
import { drawable } from '../../../src/chat/chart/svg.ts'
import { fitting, textWidth } from '../../../src/chat/chart/text-width.ts'
import type { Chart, Gap, Mark, Panel } from '../../../src/domain/chart/chart.ts'
import { drawnChart, T, MINUTE } from '../../support/drawn-chart.ts'

describe('numbers', () => {
  test.each([
    ['errors', 0, '0 %'],
    ['errors', 0.02, 'under 0.1 %'],
    ['errors', 0.31, '0.3 %'],
    ['errors', 4.96, '5 %'],
    ['errors', 61.7, '62 %'],
    ['errors', 100, '100 %'],
    ['latency', 0.2404, '240 ms'],
    ['latency', 0.0004, 'under 1 ms'],
    ['latency', 0.9996, '1 s'],
    ['latency', 1.24, '1.2 s'],
    ['latency', 31, '31 s'],
    ['users', 0, '0'],
    ['users', 1118, '1,118'],
    ['users', 99_499, '99,499'],
    ['users', 99_500, '100k'],
    ['users', 6_925_545, '6.9M'],
  ] as const)('%s %d is %s', (panel, value, words) => {
    expect(inUnit(panel, value)).toBe(words)
  })
})

describe('scales', () => {
  test.each([
    [0.2, 1, 1],
    [1.01, 1, 2],
    [62, 1, 80],
    [80, 1, 80],
    [100, 1, 100],
    [0.243, 0.01, 0.3],
    [1_180, 5, 2_000],
  ])('an axis for %d, and at least %d, ends at %d', (value, least, end) => {
    expect(roundAbove(value, least)).toBeCloseTo(end, 9)
  })

  test('no axis ends below what is drawn on it, or at more than twice as much', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-6, max: 1e12, noNaN: true }), (value) => {
        const end = roundAbove(value, 1e-9)
        expect(end).toBeGreaterThanOrEqual(value * 0.999_99)
        expect(end).toBeLessThanOrEqual(value * 2.01)
      }),
    )
  })

  test('a time without length is drawn at one place, and not at infinity', () => {
    expect(linear([5, 5], [10, 20])(5)).toBe(10)
  })

  test.each([
    [70 * MINUTE, 15 * MINUTE],
    [100 * MINUTE, 30 * MINUTE],
    [25 * 60 * MINUTE, 6 * 60 * MINUTE],
    [4 * MINUTE, MINUTE],
  ])('a time of %d ms has a tick every %d ms, at even moments', (lengthMs, stepMs) => {
    const ticks = timeTicks(T, T + lengthMs, 6)
    expect(ticks.length).toBeGreaterThanOrEqual(2)
    expect(ticks.length).toBeLessThanOrEqual(6)
    for (const [index, tick] of ticks.entries()) {
      expect(tick % stepMs).toBe(0)
      if (index > 0) expect(tick - (ticks[index - 1] ?? 0)).toBe(stepMs)
    }
  })

  test('however long it is, the ticks do not cover one another', () => {
    fc.assert(
      fc.property(fc.integer({ min: MINUTE, max: 4_000 * 24 * 60 * MINUTE }), (lengthMs) => {
        expect(timeTicks(T, T + lengthMs, 6).length).toBeLessThanOrEqual(6)
      }),
    )
  })
})

describe('lines', () => {
  test('no line goes through what is missing (J10)', () => {
    const values: (number | Gap)[] = [1, 2, 'no-data', 3, 'no-traffic', 'no-data', 4, 5]
    expect(segments(values).map((one) => one.map(({ index }) => index))).toEqual([
      [0, 1],
      [3],
      [6, 7],
    ])
  })

  test('signs of moments never cover one another, stay in order and within the picture', () => {
    const places = fc.array(fc.double({ min: 142, max: 1000, noNaN: true }), { maxLength: 8 })
    fc.assert(
      fc.property(places, (unsorted) => {
        const wanted = unsorted.toSorted((a, b) => a - b)
        const placed = spread(wanted)
        for (const [index, at] of placed.entries()) {
          expect(at).toBeGreaterThanOrEqual(142)
          expect(at).toBeLessThanOrEqual(1000)
          if (index > 0) expect(at - (placed[index - 1] ?? 0)).toBeGreaterThanOrEqual(49.9)
        }
      }),
    )
  })

  test('a sign with room around it stands over its moment', () => {
    expect(spread([200, 500, 900])).toEqual([200, 500, 900])
  })
})

describe('words', () => {
  test('what fits is not cut, and what is cut keeps both ends and fits', () => {
    expect(fitting('v1.9.0', 30, 200)).toBe('v1.9.0')
    const cut = fitting('release-2026-11-22-candidate-7', 30, 200)
    expect(cut).toMatch(/^rel.*…ate-7$/)
    expect(textWidth(cut, 30)).toBeLessThanOrEqual(200)
    expect(fitting('anything', 30, 0)).toBe('')
  })

  test('letters that our font has not are seen to be missing, and nothing is drawn that is no letter', () => {
    expect(drawable('版本-🚀 v2\u0000\u202Ex')).toBe('??-? v2??x')
    expect(drawable('  Größe\n→ 5 % ')).toBe('Größe → 5 %')
  })

  test('whoever cannot see it hears what is in it', () => {
    const words = chartWords(drawnChart())
    expect(words).toMatch(
      /^Errors \(5xx\) fell from 62 % at 03:05 to 0\.3 % at 03:45, after the rollback at 03:11\./,
    )
    expect(words).toContain('Latency (p95) fell from 1.1 s at 03:05 to 240 ms at 03:45')
    expect(words).toContain('Active users: lowest 480 at 03:11, newest 1,100 at 03:45.')
    expect(words).toContain('backend, frontend ran v1.9.0, then v2.0.0 from 02:55, then v1.9.0')
    expect(words).toContain('detected 03:02, signed 03:09, rolled back 03:11, stable 03:14.')
    expect(words).toMatch(/All times are UTC\.$/)
  })

  test('what is missing is heard too', () => {
    const panels = drawnChart().panels.map((panel): Panel => ({
      ...panel,
      values: panel.values.map((value, index) => (index > 80 ? 'no-data' : value)),
      remark: panel.id === 'users' ? 'the answer may be incomplete' : null,
    }))
    const chart = { ...drawnChart(), panels }
    expect(chartWords(chart)).toContain('Errors (5xx): no data from 03:23 to 03:45.')
    expect(chartWords(chart)).toContain('(the answer may be incomplete)')
    expect(errorsInWords(chart)).toBe('Errors: highest 62 %, now not known')
  })

  test('a rollback that did not help is not said to have helped', () => {
    const panels = drawnChart().panels.map((panel) => ({
      ...panel,
      values: panel.values.map((value, index) =>
        index > 53 && panel.id === 'errors' ? 62 : value,
      ),
    }))
    expect(chartWords({ ...drawnChart(), panels })).toMatch(
      /^Errors \(5xx\): highest 62 % at 02:56, newest 62 % at 03:45\./,
    )
  })

  test.each<[Mark['kind'][], string]>([
    [['detected'], 'Before any plan'],
    [['detected', 'signed', 'rolled-back'], 'Rolled back at 03:06 UTC'],
    [['detected', 'rolled-back', 'stable', 'relapse'], 'Bad again since 03:07 UTC'],
    [['detected', 'rolled-back', 'blind'], 'Nothing seen since 03:06 UTC'],
  ])('after %j the headline is "%s"', (kinds, headline) => {
    const marks = kinds.map((kind, index) => ({ kind, atMs: T + (62 + index) * MINUTE }))
    expect(chartHeadline({ ...drawnChart(), marks })).toBe(headline)
  })

  test('its title says when it was drawn, and why', () => {
    const at = '2026-11-22T03:14:05.000Z'
    expect(chartTitle({ at, why: 'stable' })).toBe('03:14 UTC: Production is stable')
  })
})

/** Everything that stands between the marks of an XML text. */
const MARKS = /<(\/?)(\w+)((?: [\w:-]+="[^"<>&]*(?:&(?:amp|lt|gt|quot|apos);[^"<>&]*)*")*)>/g
const KNOWN = new Set([
  'svg',
  'defs',
  'pattern',
  'rect',
  'line',
  'polyline',
  'circle',
  'path',
  'text',
])

/** Only elements that we draw, each closed where it was opened, and no markup in what is left. */
function isOurs(svg: string): boolean {
  const open: string[] = []
  for (const [, close, name = ''] of svg.matchAll(MARKS)) {
    if (!KNOWN.has(name)) return false
    if (close === '') open.push(name)
    else if (open.pop() !== name) return false
  }
  const rest = svg.replaceAll(MARKS, '')
  return open.length === 0 && !/[<>]|&(?!(amp|lt|gt|quot|apos);)/.test(rest)
}

describe('hostile names', () => {
  const nasty = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom(
      '<script>alert(1)</script>',
      '"/><image href="file:///etc/passwd"/>',
      '&xxe; &#0; ]]> <!ENTITY x SYSTEM "http://198.51.100.7/">',
      'x'.repeat(5_000),
      'url(http://198.51.100.7/)',
    ),
  )

  test('are letters in the picture and nothing else', () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, (service, version, remark) => {
        const drawn = drawnChart()
        const spans = drawn.lanes[0]?.spans.map((span) => ({ ...span, version })) ?? []
        const chart: Chart = {
          ...drawn,
          lanes: [{ services: [service, service], spans }],
          panels: drawn.panels.map((panel) => ({ ...panel, remark })),
        }
        const svg = chartSvg(chart)
        expect(isOurs(svg)).toBe(true)
        expect(svg.length).toBeLessThan(200_000)
        expect(chartWords(chart).length).toBeLessThanOrEqual(1_000)
      }),
    )
  })

  test('and the check itself knows what is not ours', () => {
    expect(isOurs('<svg><image href="x"></image></svg>')).toBe(false)
    expect(isOurs('<svg><text>a & b</text></svg>')).toBe(false)
    expect(isOurs('<svg><text></svg>')).toBe(false)
  })
})

test('whatever the numbers are, every place in the picture is a number', () => {
  const value = fc.oneof(
    fc.constantFrom<number | Gap>('no-data', 'no-traffic', 0),
    fc.double({ min: 0, max: 1e15, noNaN: true }),
  )
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 60 }), (values) => {
      const { lanes, marks } = drawnChart()
      const window = { fromMs: T, toMs: T + (values.length - 1) * MINUTE, stepMs: MINUTE }
      const panels = (['errors', 'latency', 'users'] as const).map((id) => {
        return { id, values, remark: null }
      })
      const svg = chartSvg({ window, panels, lanes, marks, marksLeftOut: 0 })
      expect(svg).not.toMatch(/NaN|Infinity|undefined|null/)
    }),
  )
})
