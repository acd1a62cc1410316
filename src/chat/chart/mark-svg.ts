import type { Chart, Mark, Window } from '../../domain/chart/chart.ts'
import { markInWords } from './chart-words.ts'
import { COLOURS, EDGE, LEFT, RIGHT, SIZE, WIDTH } from './layout.ts'
import { isLong } from './moments-in-utc.ts'
import type { Scale } from './scales.ts'
import { element, group, label, type Svg } from './svg.ts'

const SIGN = 23
const APART = 2 * SIGN + 4
const LEGEND_ROW = 50

type Manner = 'bad' | 'good' | 'deed'

/** What happened, what is good and what is bad: by form and by colour. */
const MANNERS: Record<Mark['kind'], Manner> = {
  detected: 'bad',
  signed: 'deed',
  'rolled-back': 'deed',
  done: 'deed',
  undone: 'deed',
  failed: 'bad',
  stable: 'good',
  relapse: 'bad',
  blind: 'bad',
  closed: 'deed',
  reopened: 'bad',
}

const DASHES: Record<Manner, string | undefined> = { bad: '14 7', deed: undefined, good: '4 7' }

/** Numbered signs above, and a line of each through all panels down to the time. */
export function marksDrawn(
  { marks }: Pick<Chart, 'marks'>,
  { top, bottom, x }: { readonly top: number; readonly bottom: number; readonly x: Scale },
): Svg {
  const places = spread(marks.map(({ atMs }) => x(atMs)))
  return group(
    ...marks.map((mark, index) => {
      const at = x(mark.atMs)
      const over = places[index] ?? at
      const colour = COLOURS[MANNERS[mark.kind]]
      const style = {
        stroke: colour,
        'stroke-width': 3,
        'stroke-dasharray': DASHES[MANNERS[mark.kind]],
      }
      return group(
        element('line', {
          x1: over,
          y1: top + SIGN,
          x2: at,
          y2: top + SIGN + 34,
          stroke: colour,
          'stroke-width': 3,
        }),
        element('line', { x1: at, y1: top + SIGN + 34, x2: at, y2: bottom, ...style }),
        sign(mark, index + 1, over, top),
      )
    }),
  )
}

/** Signs that would cover one another stand beside one another, as near as may be to their moments. */
export function spread(wanted: readonly number[]): readonly number[] {
  const room = APART * (wanted.length - 1)
  const [first, last] = [LEFT, Math.max(RIGHT, LEFT + room)]
  const placed: number[] = []
  wanted.forEach((at, index) => {
    const before = placed.at(-1)
    placed.push(Math.max(at, before === undefined ? first : before + APART, first + index * APART))
  })
  // What was pushed out at the end pushes back.
  for (let index = placed.length - 1, limit = last; index >= 0; index -= 1) {
    const at = Math.min(placed[index] ?? limit, limit)
    placed[index] = at
    limit = at - APART
  }
  return placed
}

function sign({ kind }: Mark, number: number, x: number, y: number): Svg {
  const manner = MANNERS[kind]
  const fill = COLOURS[manner]
  return group(
    form(manner, x, y, fill),
    label(String(number), {
      x,
      y: y + 10,
      size: SIZE.sign,
      room: APART,
      bold: true,
      fill: COLOURS.paper,
      centred: true,
    }),
  )
}

function form(manner: Manner, x: number, y: number, fill: string): Svg {
  if (manner === 'deed') return element('circle', { cx: x, cy: y, r: SIGN - 1, fill })
  const [side, turn] = manner === 'bad' ? [36, 45] : [40, 0]
  return element('rect', {
    x: x - side / 2,
    y: y - side / 2,
    width: side,
    height: side,
    fill,
    transform: turn === 0 ? undefined : `rotate(${turn} ${x.toFixed(1)} ${y.toFixed(1)})`,
  })
}

/** A day beside each time takes more room. */
function columnsOf(window: Window): number {
  return isLong(window) ? 2 : 3
}

export function legendHeight({ marks, marksLeftOut, window }: Chart): number {
  const items = marks.length + (marksLeftOut > 0 ? 1 : 0)
  return Math.ceil(items / columnsOf(window)) * LEGEND_ROW
}

/** What the numbers stand for, and when it was. */
export function legendDrawn({ marks, marksLeftOut, window }: Chart, top: number): Svg {
  const columns = columnsOf(window)
  const width = (WIDTH - 2 * EDGE) / columns
  const cell = (index: number) => ({
    x: EDGE + (index % columns) * width + SIGN,
    y: top + Math.floor(index / columns) * LEGEND_ROW + LEGEND_ROW / 2,
  })
  const words = (text: string, index: number) => {
    const { x, y } = cell(index)
    const style = { size: SIZE.axis, room: width - 2 * SIGN - 22, fill: COLOURS.ink }
    return label(text, { x: x + SIGN + 14, y: y + 11, ...style })
  }
  return group(
    ...marks.map((mark, index) => {
      const { x, y } = cell(index)
      return group(sign(mark, index + 1, x, y), words(markInWords(mark, window), index))
    }),
    ...(marksLeftOut > 0 ? [words(`${marksLeftOut} more in between`, marks.length)] : []),
  )
}
