import { durationMs } from './duration.ts'

/** What stands between brackets in a query, and where. */
type Range = {
  readonly from: number
  readonly to: number
  /** `null`: no duration, as `[$__rate_interval]`. */
  readonly ms: number | null
  readonly isSubquery: boolean
  /** A selector alone in `rate(…)`: over a shorter time it is the same rate, and anything else is not. */
  readonly isRate: boolean
}

/**
 * The same query over at most this long; `null` where that cannot be had. A subquery, an increase or a
 * recorded rate means something else over another time, and none of them is touched.
 */
export function overAtMost(query: string, ms: number): string | null {
  const bare = withoutTexts(query)
  const ranges = rangesIn(bare)
  if (ranges.length === 0 || recordedIn(bare).length > 0) return null
  if (!ranges.every(({ isRate }) => isRate)) return null
  const window = `[${Math.ceil(ms / 1000)}s]`
  return ranges
    .filter((range) => (range.ms ?? 0) > ms)
    .toReversed()
    .reduce((text, { from, to }) => text.slice(0, from) + window + text.slice(to), query)
}

/**
 * Over how long a query measures, as far back as it reaches. `unseenMs` stands for what its text does not
 * show: how long a recorded rate was taken over, unless its name says it (`job:errors:rate5m`).
 */
export function measuredOverMs(query: string, unseenMs: number): number {
  const bare = withoutTexts(query)
  const ranges = rangesIn(bare)
  const recorded = recordedIn(bare).map((name) => {
    return durationMs(TAKEN_OVER.exec(name)?.[1] ?? '') ?? unseenMs
  })
  const plain = ranges.filter(({ isSubquery }) => !isSubquery).map(({ ms }) => ms ?? unseenMs)
  const around = ranges.filter(({ isSubquery }) => isSubquery).map(({ ms }) => ms ?? unseenMs)
  const inner = [...plain, ...recorded]
  const reach = inner.length + around.length === 0 ? unseenMs : Math.max(0, ...inner)
  return reach + around.reduce((sum, ms) => sum + ms, 0) + Math.max(0, ...offsetsIn(bare))
}

/** Everything keeps its place; what stands in quotes, or behind a #, is no part of the query. */
function withoutTexts(query: string): string {
  return query.replaceAll(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`|#[^\n]*/g, ({ length }) =>
    '~'.repeat(length),
  )
}

function rangesIn(bare: string): readonly Range[] {
  return [...bare.matchAll(/\[([^\]]*)\]/g)].map(({ 0: text, 1: inside = '', index }) => {
    const [range = '', ...step] = inside.split(':')
    const to = index + text.length
    const isSubquery = step.length > 0
    const isMoved = /^\s*(?:offset\b|@)/i.test(bare.slice(to))
    const ms = durationMs(range.trim())
    const isRate = ms !== null && !isSubquery && !isMoved && isInRate(bare.slice(0, index))
    return { from: index, to, ms, isSubquery, isRate }
  })
}

function isInRate(before: string): boolean {
  return /(?<![\w:])rate\s*\(\s*[\w:]*\s*(?:\{[^{}()]*\})?\s*$/.test(before)
}

const TAKEN_OVER = /(?:rate|increase)_?((?:\d+(?:ms|[smhdwy]))+)/

/** Recording rules are named with colons, and over what they were taken. */
function recordedIn(bare: string): readonly string[] {
  const names = bare.replaceAll(/\[[^\]]*\]/g, ' ').match(/[a-zA-Z_:][\w:]*/g) ?? []
  return names.filter((name) => name.includes(':') || TAKEN_OVER.test(name))
}

function offsetsIn(bare: string): readonly number[] {
  return [...bare.matchAll(/\boffset\s+(\w+)/gi)].map(({ 1: text = '' }) => durationMs(text) ?? 0)
}
