import {
  gapsOf,
  isNumber,
  newestNow,
  type Gap,
  type Panel,
  type PanelId,
  type Window,
} from '../../domain/chart/chart.ts'
import { GAP_WORDS, PANEL_WORDS, worstInWords } from './chart-words.ts'
import { COLOURS, EDGE, LEFT, RIGHT, SIZE, WIDTH } from './layout.ts'
import { inUnit } from './numbers.ts'
import { linear, roundAbove, type Scale } from './scales.ts'
import { element, group, label, type Svg } from './svg.ts'
import { textWidth } from './text-width.ts'

const TITLE_HEIGHT = 52
const BELOW = 12

/** Of one that has no number at all, there is nothing to be seen but that. */
const EMPTY_HEIGHT = 46
const HEIGHTS: Record<PanelId, number> = { errors: 160, latency: 116, users: 100 }

/** An axis that ends lower would make noise look like a mountain. */
const LEAST: Record<PanelId, number> = { errors: 1, latency: 0.01, users: 5 }

const LINE = { width: 6, dash: { errors: undefined, latency: '22 5', users: '8 5' } } as const

export type Drawn = {
  /** What the lines of moments go over. */
  readonly behind: Svg
  readonly drawing: Svg
  readonly height: number
}

/** One number over the time, on a scale of its own that begins at nothing. */
export function panelDrawn(panel: Panel, window: Window, top: number, x: Scale): Drawn {
  const { id, values } = panel
  const isEmpty = !values.some(isNumber)
  const height = isEmpty ? EMPTY_HEIGHT : HEIGHTS[id]
  const [ceiling, floor] = [top + TITLE_HEIGHT, top + TITLE_HEIGHT + height]
  const end = roundAbove(Math.max(0, ...values.filter(isNumber)), LEAST[id])
  const y = linear([0, end], [floor, ceiling])
  const at = (index: number) => x(window.fromMs + index * window.stepMs)
  const gaps = gapsShown(panel, at)
  return {
    behind: group(
      ...(isEmpty ? [] : [axisLine(inUnit(id, end), ceiling, ceiling + 26)]),
      ...gaps.map((gap) => hatched(gap, ceiling, floor)),
      axisLine(isEmpty ? '' : '0', floor, floor + 4),
    ),
    drawing: group(
      ...segments(values).map((segment) => line(id, segment, at, y)),
      ...gaps.filter(({ isRoomy }) => isRoomy).map((gap) => noteOver(gap, (ceiling + floor) / 2)),
      nowOf(panel, window, x, y),
      titleOf(panel, window, gaps, top),
    ),
    height: TITLE_HEIGHT + height + BELOW,
  }
}

function titleOf(panel: Panel, window: Window, gaps: readonly ShownGap[], top: number): Svg {
  const name = PANEL_WORDS[panel.id]
  const hatching = unnamed(gaps).map((why) => `hatched: ${GAP_WORDS[why]}`)
  const more = [worstInWords(panel, window), ...hatching, panel.remark ?? '']
  const x = EDGE + textWidth(name, SIZE.title) + 20
  const y = top + 38
  const words = more.filter((one) => one !== '').join('; ')
  const fill = COLOURS[panel.id]
  return group(
    label(name, { x: EDGE, y, size: SIZE.title, room: WIDTH, bold: true, halo: true, fill }),
    label(words, {
      x,
      y,
      size: SIZE.axis,
      room: WIDTH - EDGE - x,
      halo: true,
      fill: COLOURS.soft,
    }),
  )
}

function axisLine(words: string, y: number, baseline: number): Svg {
  const room = LEFT - 20
  const style = { size: SIZE.axis, room, fill: COLOURS.soft, toTheLeft: true } as const
  return group(
    element('line', { x1: LEFT, x2: RIGHT, y1: y, y2: y, stroke: COLOURS.grid, 'stroke-width': 3 }),
    label(words, { x: LEFT - 12, y: baseline, ...style }),
  )
}

/** Where there is no number there is no line, and that it is so can be seen. */
type ShownGap = {
  readonly why: Gap
  readonly left: number
  readonly right: number
  /** Its reason has room in it. */
  readonly isRoomy: boolean
}

function gapsShown(panel: Panel, at: Scale): readonly ShownGap[] {
  const last = panel.values.length - 1
  return gapsOf(panel).map(({ from, to, why }) => {
    // From the number before to the number after: in between nothing is known.
    const left = at(Math.max(0, from - 1))
    const right = Math.max(left + 4, at(Math.min(last, to + 1)))
    return { why, left, right, isRoomy: right - left > textWidth(GAP_WORDS[why], SIZE.note) + 16 }
  })
}

/** The reasons that have room in none of their gaps. */
function unnamed(gaps: readonly ShownGap[]): readonly Gap[] {
  const named = new Set(gaps.filter(({ isRoomy }) => isRoomy).map(({ why }) => why))
  return [...new Set(gaps.map(({ why }) => why))].filter((why) => !named.has(why))
}

function hatched({ why, left, right }: ShownGap, ceiling: number, floor: number): Svg {
  const [width, height] = [right - left, floor - ceiling]
  return element('rect', { x: left, y: ceiling, width, height, fill: `url(#${why})` })
}

function noteOver({ why, left, right }: ShownGap, y: number): Svg {
  const words = GAP_WORDS[why]
  const width = textWidth(words, SIZE.note) + 12
  const x = (left + right) / 2
  const style = { size: SIZE.note, room: width, fill: COLOURS.ink, centred: true } as const
  return group(
    element('rect', { x: x - width / 2, y: y - 20, width, height: 40, fill: COLOURS.paper }),
    label(words, { x, y: y + 10, ...style }),
  )
}

type Points = readonly { readonly index: number; readonly value: number }[]

/** The numbers that follow one another without a gap. */
export function segments(values: Panel['values']): readonly Points[] {
  const found: { index: number; value: number }[][] = []
  values.forEach((value, index) => {
    if (!isNumber(value)) return
    const last = found.at(-1)
    if (last?.at(-1)?.index === index - 1) last.push({ index, value })
    else found.push([{ index, value }])
  })
  return found
}

function line(id: PanelId, points: Points, at: Scale, y: Scale): Svg {
  const [only] = points
  if (points.length === 1 && only) {
    return element('circle', { cx: at(only.index), cy: y(only.value), r: 5, fill: COLOURS[id] })
  }
  return element('polyline', {
    points: points.map(({ index, value }) => `${place(at(index))},${place(y(value))}`).join(' '),
    fill: 'none',
    stroke: COLOURS[id],
    'stroke-width': LINE.width,
    'stroke-linejoin': 'round',
    'stroke-dasharray': LINE.dash[id],
  })
}

function place(pixel: number): string {
  return pixel.toFixed(1)
}

/** The newest number stands at the end of its line, in words. */
function nowOf(panel: Panel, window: Window, x: Scale, y: Scale): Svg {
  const now = newestNow(panel, window)
  if (!now) return group()
  const [cx, cy] = [x(now.atMs), y(now.value)]
  return group(
    endOf(panel.id, cx, cy),
    label(inUnit(panel.id, now.value), {
      x: RIGHT + 20,
      y: cy + 14,
      size: SIZE.value,
      room: WIDTH - RIGHT - 28,
      bold: true,
      fill: COLOURS[panel.id],
    }),
  )
}

function endOf(id: PanelId, x: number, y: number): Svg {
  const fill = COLOURS[id]
  switch (id) {
    case 'errors':
      return element('circle', { cx: x, cy: y, r: 11, fill })
    case 'latency':
      return element('rect', { x: x - 10, y: y - 10, width: 20, height: 20, fill })
    case 'users':
      return element('path', { d: `M${place(x)} ${place(y - 13)}l13 23h-26z`, fill })
    default:
      return id satisfies never
  }
}
