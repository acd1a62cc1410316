import { isNumber, type Chart, type Panel } from '../../src/domain/chart/chart.ts'
import { noise } from '../../src/sandbox/metrics/noise.ts'

export const MINUTE = 60_000
/** 02:02 */
export const T = Date.UTC(2026, 10, 22, 2, 2, 0)
const MINUTES = 103

/** So many minutes after two. */
const from = (minutes: number) => T + (minutes - 2) * MINUTE
const at = (hour: number, minutes: number) => from((hour - 2) * 60 + minutes)

function numbers(of: (ms: number) => number): Panel['values'] {
  return Array.from({ length: MINUTES + 1 }, (_, index) => of(T + index * MINUTE))
}

const isBad = (ms: number) => ms >= at(2, 55) && ms < at(3, 12)

/** One rollback as it is meant to go: bad from 02:55, rolled back at 03:11, well soon after. */
export function drawnChart(): Chart {
  const window = { fromMs: T, toMs: T + MINUTES * MINUTE, stepMs: MINUTE }
  const panels: Panel[] = [
    {
      id: 'errors',
      remark: null,
      values: numbers((ms) => (ms === at(3, 5) ? 62 : isBad(ms) ? 60 : 0.3)),
    },
    {
      id: 'latency',
      remark: null,
      values: numbers((ms) => (ms === at(3, 5) ? 1.1 : isBad(ms) ? 1 : 0.24)),
    },
    {
      id: 'users',
      remark: null,
      values: numbers((ms) => (ms === at(3, 11) ? 480 : isBad(ms) ? 700 : 1_100)),
    },
  ]
  const spans = [
    { fromMs: T, toMs: at(2, 55), version: 'v1.9.0' },
    { fromMs: at(2, 55), toMs: at(3, 11), version: 'v2.0.0' },
    { fromMs: at(3, 11), toMs: window.toMs, version: 'v1.9.0' },
  ]
  return {
    window,
    panels,
    lanes: [{ services: ['backend', 'frontend'], spans }],
    marks: [
      { kind: 'detected', atMs: at(3, 2) },
      { kind: 'signed', atMs: at(3, 9) },
      { kind: 'rolled-back', atMs: at(3, 11) },
      { kind: 'stable', atMs: at(3, 14) },
    ],
    marksLeftOut: 0,
  }
}

/** The same with numbers as they are measured: over some minutes, and never twice the same. */
export function lifelikeChart(): Chart {
  const chart = drawnChart()
  const panels = chart.panels.map((panel) => {
    const plain = panel.values.filter(isNumber)
    const values = plain.map((_, index) => {
      const recent = plain.slice(Math.max(0, index - (panel.id === 'users' ? 12 : 2)), index + 1)
      const mean = recent.reduce((sum, value) => sum + value, 0) / recent.length
      return mean * (1 + 0.05 * noise(7, panel.id, index * 5_000))
    })
    return { ...panel, values }
  })
  return { ...chart, panels }
}
