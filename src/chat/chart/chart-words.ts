import { toMs } from '../../domain/base/instant.ts'
import {
  gapsOf,
  isNumber,
  newest,
  newestNow,
  type Chart,
  type Mark,
  type Panel,
  type PanelId,
  type VersionLane,
  type Window,
} from '../../domain/chart/chart.ts'
import type { Occasion } from '../../domain/chart/occasions.ts'
import { namesUpTo } from '../../domain/text/names-up-to.ts'
import { clock, moment } from './moments-in-utc.ts'
import { inUnit } from './numbers.ts'

/** As much as Slack takes as the description of a picture. */
const MOST = 1_000
const VERSION = 40
const REMARK = 100

export const PANEL_WORDS: Record<PanelId, string> = {
  errors: 'Errors (5xx)',
  latency: 'Latency (p95)',
  users: 'Active users',
}

const MARK_WORDS: Record<Mark['kind'], string> = {
  detected: 'detected',
  signed: 'signed',
  'rolled-back': 'rolled back',
  done: 'plan done',
  undone: 'undone',
  failed: 'plan failed',
  stable: 'stable',
  relapse: 'bad again',
  blind: 'nothing seen',
  closed: 'closed',
  reopened: 'reopened',
}

export const GAP_WORDS = { 'no-data': 'no data', 'no-traffic': 'too little traffic' } as const

type Extreme = { readonly value: number; readonly atMs: number }

/** What is worst of it: many errors, long waits, few people. */
function worst({ id, values }: Panel, { fromMs, stepMs }: Window): Extreme | null {
  const isWorse = (a: number, b: number) => (id === 'users' ? a < b : a > b)
  return values.reduce<Extreme | null>((found, value, index) => {
    if (!isNumber(value) || (found && !isWorse(value, found.value))) return found
    return { value, atMs: fromMs + index * stepMs }
  }, null)
}

/** "highest 62 %", "lowest 41" */
export function worstInWords(panel: Panel, window: Window): string {
  const found = worst(panel, window)
  if (!found) return ''
  return `${panel.id === 'users' ? 'lowest' : 'highest'} ${inUnit(panel.id, found.value)}`
}

/** The same in words: for whoever cannot see the picture, and in one sentence each. */
export function chartWords(chart: Chart): string {
  const { window, panels, lanes, marks } = chart
  const sentences = [
    ...panels.map((panel) => panelInWords(panel, chart)),
    ...lanes.map((lane) => laneInWords(lane, window)),
    ...(marks.length > 0
      ? [`Moments: ${marks.map((mark) => markInWords(mark, window)).join(', ')}.`]
      : []),
    ...panels.flatMap((panel) => gapsInWords(panel, window)),
  ]
  const all = `${sentences.join(' ')} All times are UTC.`
  return all.length <= MOST ? all : `${all.slice(0, MOST - 1)}…`
}

/** How it stands, in a line: "Stable since 03:14 UTC". */
export function chartHeadline({ marks, window }: Chart): string {
  const last = marks.findLast(({ kind }) => kind in STATE_WORDS)
  const state = last && STATE_WORDS[last.kind]
  return state ? `${state} ${moment(last.atMs, window)} UTC` : 'Before any plan'
}

/** "Errors: highest 62 %, now 0.3 %" */
export function errorsInWords({ panels, window }: Chart): string {
  const errors = panels.find(({ id }) => id === 'errors')
  if (!errors || !worst(errors, window)) return 'Errors: not known'
  const now = newestNow(errors, window)
  const said = now ? inUnit('errors', now.value) : 'not known'
  return `Errors: ${worstInWords(errors, window)}, now ${said}`
}

const STATE_WORDS: Partial<Record<Mark['kind'], string>> = {
  stable: 'Stable since',
  relapse: 'Bad again since',
  blind: 'Nothing seen since',
  failed: 'A plan failed at',
  closed: 'Closed at',
  reopened: 'Reopened at',
  'rolled-back': 'Rolled back at',
  undone: 'Undone at',
  done: 'A plan was done at',
}

const OCCASION_WORDS: Record<Occasion['why'], string> = {
  stable: 'Production is stable',
  relapse: 'Production is bad again',
  blind: 'Nothing can be seen',
  'half-hour': 'The first half hour is over',
  over: 'The watch is over',
  closed: 'The incident is closed',
}

/** Above the picture: "03:14 UTC: Production is stable". */
export function chartTitle({ at, why }: Pick<Occasion, 'at' | 'why'>): string {
  return `${clock(toMs(at))} UTC: ${OCCASION_WORDS[why]}`
}

function panelInWords(panel: Panel, { window, marks }: Chart): string {
  const name = PANEL_WORDS[panel.id]
  const now = newest(panel, window)
  const extreme = worst(panel, window)
  const remark = panel.remark === null ? '' : ` (${panel.remark.slice(0, REMARK)})`
  if (!now || !extreme) return `${name}: no data${remark}.`
  const said = (one: Extreme) => `${inUnit(panel.id, one.value)} at ${moment(one.atMs, window)}`
  const cure = marks.findLast(({ kind }) => kind === 'rolled-back')
  const fell = panel.id !== 'users' && cure && extreme.atMs <= cure.atMs && now.atMs > cure.atMs
  if (fell && now.value < extreme.value / 2) {
    const after = `after the rollback at ${moment(cure.atMs, window)}`
    return `${name} fell from ${said(extreme)} to ${said(now)}, ${after}${remark}.`
  }
  const most = panel.id === 'users' ? 'lowest' : 'highest'
  return `${name}: ${most} ${said(extreme)}, newest ${said(now)}${remark}.`
}

function laneInWords({ services, spans }: VersionLane, window: Window): string {
  const told = spans.map(({ fromMs, version }, index) => {
    const name = version === null ? 'a version that is not known' : version.slice(0, VERSION)
    return index === 0 ? name : `${name} from ${moment(fromMs, window)}`
  })
  return `${namesUpTo(3, services)} ran ${told.slice(-4).join(', then ')}.`
}

export function markInWords({ kind, atMs }: Mark, window: Window): string {
  return `${MARK_WORDS[kind]} ${moment(atMs, window)}`
}

function gapsInWords(panel: Panel, window: Window): readonly string[] {
  const gaps = gapsOf(panel)
  if (gaps.length === 0 || !panel.values.some(isNumber)) return []
  const at = (index: number) => moment(window.fromMs + index * window.stepMs, window)
  const spans = gaps.slice(0, 3).map(({ from, to, why }) => {
    return from === to
      ? `${GAP_WORDS[why]} at ${at(from)}`
      : `${GAP_WORDS[why]} from ${at(from)} to ${at(to)}`
  })
  const more = gaps.length > 3 ? ` and ${gaps.length - 3} times more` : ''
  return [`${PANEL_WORDS[panel.id]}: ${spans.join(', ')}${more}.`]
}
