import type { VersionLane, Window } from '../../domain/chart/chart.ts'
import { namesUpTo } from '../../domain/text/names-up-to.ts'
import { BANDS, COLOURS, EDGE, SIZE, WIDTH } from './layout.ts'
import type { Drawn } from './panel-svg.ts'
import type { Scale } from './scales.ts'
import { element, group, label, type Svg } from './svg.ts'
import { fitting, textWidth } from './text-width.ts'

const MOST_LANES = 2
const TITLE = 52
const BAND = 42
const BELOW = 16
const SHORT_VERSION = 300
const NOT_KNOWN = 'not known'

/** Which version ran when: of as many services as there is room for. */
export function lanesDrawn(
  lanes: readonly VersionLane[],
  window: Window,
  top: number,
  x: Scale,
): Drawn {
  const shown = lanes.slice(0, MOST_LANES)
  const more = lanes.slice(MOST_LANES).reduce((sum, { services }) => sum + services.length, 0)
  const each = TITLE + BAND + BELOW
  const drawing = shown.map((lane, index) => laneDrawn(lane, window, top + index * each, x))
  const note = `of ${more} more service${more === 1 ? '' : 's'} the versions are not shown`
  const style = { size: SIZE.note, room: WIDTH, halo: true, fill: COLOURS.soft } as const
  const y = top + shown.length * each + 22
  return {
    behind: group(),
    drawing: group(...drawing, ...(more > 0 ? [label(note, { x: EDGE, y, ...style })] : [])),
    height: shown.length * each + (more > 0 ? 38 : 0),
  }
}

function laneDrawn({ services, spans }: VersionLane, window: Window, top: number, x: Scale): Svg {
  const name = 'Version'
  const versions = spans.map(({ version }) => version ?? NOT_KNOWN).slice(-3)
  const told = versions.map((version) => fitting(version, SIZE.axis, SHORT_VERSION)).join(' → ')
  const words = `${told} (${namesUpTo(3, services)})`
  const from = EDGE + textWidth(name, SIZE.title) + 20
  return group(
    label(name, {
      x: EDGE,
      y: top + 38,
      size: SIZE.title,
      room: WIDTH,
      bold: true,
      halo: true,
      fill: COLOURS.ink,
    }),
    label(words, {
      x: from,
      y: top + 38,
      size: SIZE.axis,
      room: WIDTH - EDGE - from,
      halo: true,
      fill: COLOURS.soft,
    }),
    ...spans.map(({ fromMs, toMs, version }) => {
      const [left, right] = [x(Math.max(fromMs, window.fromMs)), x(Math.min(toMs, window.toMs))]
      return band({ left, right, top: top + TITLE, version, fill: fillOf(version, spans) })
    }),
  )
}

/** The same version looks the same, wherever it comes back. */
function fillOf(version: string | null, spans: VersionLane['spans']): string {
  if (version === null) return 'url(#no-data)'
  const met = [...new Set(spans.map((span) => span.version).filter((one) => one !== null))]
  return BANDS[met.indexOf(version) % BANDS.length] ?? BANDS[0]
}

function band(of: {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly version: string | null
  readonly fill: string
}): Svg {
  const { left, right, top, version, fill } = of
  const words = version ?? NOT_KNOWN
  const isRoomy = textWidth(words, SIZE.note) + 16 < right - left
  return group(
    element('rect', {
      x: left,
      y: top,
      width: Math.max(2, right - left),
      height: BAND,
      fill,
      stroke: COLOURS.ink,
      'stroke-width': 2,
    }),
    ...(isRoomy
      ? [
          label(words, {
            x: (left + right) / 2,
            y: top + 31,
            size: SIZE.note,
            room: right - left,
            fill: COLOURS.ink,
            centred: true,
          }),
        ]
      : []),
  )
}
