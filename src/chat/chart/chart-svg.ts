import { badTimes, type Chart, type Gap, type Window } from '../../domain/chart/chart.ts'
import { chartHeadline, errorsInWords } from './chart-words.ts'
import { lanesDrawn } from './lane-svg.ts'
import { COLOURS, EDGE, LEFT, RIGHT, SIZE, WIDTH } from './layout.ts'
import { legendDrawn, legendHeight, marksDrawn } from './mark-svg.ts'
import { clock, day, isMidnight } from './moments-in-utc.ts'
import { panelDrawn } from './panel-svg.ts'
import { linear, timeTicks, type Scale } from './scales.ts'
import { element, group, label, type Svg } from './svg.ts'

const HEADER = 152
const MARKS = 84
const AXIS = 60
const MOST_TICKS = 6

/** An incident in one picture: its numbers above one another, what ran, and what happened when. */
export function chartSvg(chart: Chart): string {
  const { window, panels, lanes } = chart
  const x = linear([window.fromMs, window.toMs], [LEFT, RIGHT])
  let y = HEADER + MARKS
  const rows = [
    ...panels.map((panel) => (top: number) => panelDrawn(panel, window, top, x)),
    (top: number) => lanesDrawn(lanes, window, top, x),
  ].map((draw) => {
    const row = draw(y)
    y += row.height
    return row
  })
  const bottom = y
  const height = Math.ceil(bottom + AXIS + legendHeight(chart) + EDGE / 2)
  const box = { width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}` }
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...box },
    hatches(),
    element('rect', { width: WIDTH, height, fill: COLOURS.paper }),
    header(chart),
    ...badTimes(chart).map((time) => shade(time, HEADER + MARKS, bottom, x)),
    ...rows.map(({ behind }) => behind),
    marksDrawn(chart, { top: HEADER + 26, bottom: bottom + 8, x }),
    ...rows.map(({ drawing }) => drawing),
    axisDrawn(window, bottom, x),
    legendDrawn(chart, bottom + AXIS),
  ).svg
}

function header(chart: Chart): Svg {
  const { fromMs, toMs } = chart.window
  const to = day(toMs) === day(fromMs) ? clock(toMs) : `${day(toMs)} ${clock(toMs)}`
  const place = { x: EDGE, room: WIDTH - 2 * EDGE }
  return group(
    label(chartHeadline(chart), {
      ...place,
      y: 56,
      size: SIZE.headline,
      bold: true,
      fill: COLOURS.ink,
    }),
    label(errorsInWords(chart), { ...place, y: 100, size: SIZE.title, fill: COLOURS.ink }),
    label(`${day(fromMs)} ${clock(fromMs)} to ${to} UTC`, {
      ...place,
      y: 140,
      size: SIZE.axis,
      fill: COLOURS.soft,
    }),
  )
}

function shade(
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  top: number,
  bottom: number,
  x: Scale,
): Svg {
  const [left, right] = [x(fromMs), x(toMs)]
  const [width, height] = [Math.max(0, right - left), bottom - top]
  return element('rect', { x: left, y: top, width, height, fill: COLOURS.incident })
}

function axisDrawn({ fromMs, toMs }: Window, top: number, x: Scale): Svg {
  const ticks = timeTicks(fromMs, toMs, MOST_TICKS)
  const style = { size: SIZE.axis, y: top + 46, fill: COLOURS.soft }
  return group(
    element('line', {
      x1: LEFT,
      x2: RIGHT,
      y1: top,
      y2: top,
      stroke: COLOURS.ink,
      'stroke-width': 3,
    }),
    ...ticks.map((tick) => {
      const words = isMidnight(tick) ? day(tick) : clock(tick)
      return group(
        element('line', {
          x1: x(tick),
          x2: x(tick),
          y1: top,
          y2: top + 12,
          stroke: COLOURS.ink,
          'stroke-width': 3,
        }),
        label(words, { x: x(tick), room: 200, centred: true, ...style }),
      )
    }),
    label('UTC', { x: RIGHT + 60, room: 120, ...style }),
  )
}

/** Two hatchings, so that what is missing for two reasons looks like two things. */
function hatches(): Svg {
  return element('defs', {}, hatch('no-data', 45), hatch('no-traffic', -45))
}

function hatch(id: Gap, angle: number): Svg {
  const turned = { patternUnits: 'userSpaceOnUse', patternTransform: `rotate(${angle})` }
  return element(
    'pattern',
    { id, width: 16, height: 16, ...turned },
    element('rect', { width: 16, height: 16, fill: '#f4f4f4' }),
    element('line', { x1: 0, y1: 0, x2: 0, y2: 16, stroke: COLOURS.hatch, 'stroke-width': 5 }),
  )
}
