import { setImmediate as nextTurn } from 'node:timers/promises'
import { resvgDrawing } from '../adapters/resvg/drawing.ts'
import { measureChart } from '../assess/measure-chart.ts'
import { chartSvg } from '../chat/chart/chart-svg.ts'
import { chartWords } from '../chat/chart/chart-words.ts'
import type { MetricsSettings } from '../domain/assessment/settings.ts'
import { marksOf } from '../domain/chart/marks.ts'
import { versionLanes } from '../domain/chart/version-lanes.ts'
import { chartWindow } from '../domain/chart/window.ts'
import type { Chart } from '../domain/chart/chart.ts'
import type { Incident } from '../domain/incident/incident.ts'
import { breathing } from '../engine/breathing.ts'
import type { World } from '../ports/world.ts'
import type { OnProduction } from './on-production.ts'

export type Picture = {
  readonly png: Uint8Array
  /** The same in words. */
  readonly alt: string
}

/** One for the whole process: pictures are drawn one after the other. */
const drawing = resvgDrawing()

/** However many environments have one to draw, the numbers of one are put together in a turn. */
const inItsTurn = breathing(1, nextTurn)

type From = {
  readonly production: Pick<OnProduction, 'readScrape'> & { readonly world: Pick<World, 'metrics'> }
  readonly settings: MetricsSettings
  readonly nowMs: number
}

/**
 * The picture of an incident, with its numbers until now or until its end; `null`: there is nothing that
 * tells numbers. Throws a `Fault`.
 */
export async function pictureOf(
  incident: Incident,
  from: From,
  signal: AbortSignal,
): Promise<Picture | null> {
  const chart = await chartOf(incident, from, signal)
  return chart && { png: await drawing.png(chartSvg(chart), signal), alt: chartWords(chart) }
}

/** The same in words, where it is not seen: nothing is drawn. Throws a `Fault`. */
export async function pictureWords(
  incident: Incident,
  from: From,
  signal: AbortSignal,
): Promise<string | null> {
  const chart = await chartOf(incident, from, signal)
  return chart && chartWords(chart)
}

async function chartOf(
  incident: Incident,
  { production: { world, readScrape }, settings, nowMs }: From,
  signal: AbortSignal,
): Promise<Chart | null> {
  const { metrics } = world
  const window = chartWindow(incident, nowMs)
  if (!metrics || !window) return null
  const asked = { slowestScrapeMs: await readScrape(signal), signal }
  await inItsTurn()
  const panels = await measureChart(metrics, settings, window, asked)
  const { marks, leftOut } = marksOf(incident)
  const lanes = versionLanes(incident, window)
  return { window, panels, lanes, marks, marksLeftOut: leftOut }
}
