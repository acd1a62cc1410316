import type { PanelId } from '../../domain/chart/chart.ts'

/** A number with its unit, as people say it: "0.3 %", "240 ms", "1,118". */
export function inUnit(panel: PanelId, value: number): string {
  switch (panel) {
    case 'errors':
      return percent(value)
    case 'latency':
      return seconds(value)
    case 'users':
      return people(value)
    default:
      return panel satisfies never
  }
}

/** Little is not nothing. */
function percent(value: number): string {
  if (value > 0 && value < 0.1) return 'under 0.1 %'
  return `${short(value)} %`
}

function people(value: number): string {
  if (value >= 999_500) return `${short(value / 1_000_000)}M`
  if (value >= 99_500) return `${Math.round(value / 1_000)}k`
  return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ',')
}

function seconds(value: number): string {
  if (value > 0 && value < 0.001) return 'under 1 ms'
  const ms = Math.round(value * 1_000)
  return ms < 1_000 ? `${ms} ms` : `${short(value)} s`
}

/** Two digits, and all that stand before the point. */
function short(value: number): string {
  const text = value < 9.95 ? value.toFixed(1) : String(Math.round(value))
  return text.replace(/\.0$/, '')
}
