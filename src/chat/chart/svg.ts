import { fitting } from './text-width.ts'

type Attributes = Readonly<Record<string, string | number | undefined>>

/** What is drawn: text that is safe to put into a picture. */
export type Svg = { readonly svg: string }

export function element(name: string, attributes: Attributes, ...children: readonly Svg[]): Svg {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escapedXml(plainOf(value ?? ''))}"`)
    .join('')
  return { svg: `<${name}${given}>${children.map(({ svg }) => svg).join('')}</${name}>` }
}

export function group(...children: readonly Svg[]): Svg {
  return { svg: children.map(({ svg }) => svg).join('') }
}

/** How a text stands in the picture. */
export type Lettering = {
  readonly x: number
  readonly y: number
  readonly size: number
  /** It is cut where it is wider. */
  readonly room: number
  readonly fill: string
  readonly bold?: true
  readonly centred?: true
  readonly toTheLeft?: true
  /** Readable over lines that cross it. */
  readonly halo?: true
}

/** Anybody's words: cut to the room there is, and never markup. */
export function label(words: string, how: Lettering): Svg {
  const { x, y, size, room, fill } = how
  const shown = fitting(drawable(words), size, room)
  const anchor = how.centred ? 'middle' : how.toTheLeft ? 'end' : undefined
  const font = { 'font-family': 'Inter', 'font-size': size, 'font-weight': how.bold ? 700 : 400 }
  const halo = { stroke: '#ffffff', 'stroke-width': 10, 'paint-order': 'stroke' }
  const attributes = { ...font, x, y, fill, 'text-anchor': anchor, ...(how.halo ? halo : {}) }
  return element('text', attributes, { svg: escapedXml(shown) })
}

/** A tenth of a pixel is finer than anybody sees. */
function plainOf(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 10) / 10) : value
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

function escapedXml(text: string): string {
  return text.replace(/[&<>"']/g, (mark) => ENTITIES[mark] ?? '')
}

/** What our font has no letter for would be an empty box, and a control character no XML. */
export function drawable(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\s+/gu, ' ')
    .replace(
      /[^\u0020-\u007E\u00A1-\u00AC\u00AE-\u0148\u014A-\u017F\u0391-\u03C9\u0400-\u045F–—‘’“”…→]/gu,
      '?',
    )
    .trim()
}
