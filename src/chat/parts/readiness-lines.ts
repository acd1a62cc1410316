import { toMs } from '../../domain/base/instant.ts'
import { wordsOf } from '../../domain/plan/about-request.ts'
import {
  worstOf,
  type CheckName,
  type ReadinessCheck,
  type ReadinessState,
  type Reading,
  type WayBackReadiness,
} from '../../domain/readiness/readiness.ts'
import { inRoundWords } from '../../domain/text/duration.ts'
import { dayAndTime } from '../text/moments.ts'
import { clipped, counted, lines, mrk, namesUpTo, trusted, type Mrkdwn } from '../text/text.ts'

const SIGNS: Readonly<Record<ReadinessState, string>> = {
  ready: '🟢',
  unknown: '⚪',
  'not-ready': '🔴',
}
const STATES: Readonly<Record<ReadinessState, string>> = {
  ready: 'ready',
  unknown: 'not known',
  'not-ready': 'not ready',
}
const CHECKS: Readonly<Record<CheckName, string>> = {
  plan: 'Plan',
  rehearsal: 'Tried without changing anything',
  images: 'Images',
  backups: 'Backup',
  signers: 'Who signs',
  paging: 'Paging',
  'status-page': 'Status page',
}

/** Of which procedure and services: "flag", or "full, backend, frontend". */
export function wayInWords({
  procedure,
  services,
}: Pick<WayBackReadiness, 'procedure' | 'services'>): string {
  const { name } = wordsOf(procedure)
  return services.length > 0 ? `${name}, ${namesUpTo(4, services)}` : name
}

/** In one sentence for all of them. */
export function readinessSentence({ waysBack }: Reading): string {
  const of = (state: ReadinessState) => waysBack.filter((way) => way.state === state).length
  const all = waysBack.length
  if (all === 0) return 'No way back is configured.'
  if (of('ready') === all)
    return all === 1 ? 'The way back is ready.' : `All ${all} ways back are ready.`
  const more = [
    ...(of('not-ready') > 0 ? [`${of('not-ready')} not ready`] : []),
    ...(of('unknown') > 0 ? [`${of('unknown')} not known`] : []),
  ]
  return `${of('ready')} of ${counted(all, 'way', 'ways')} back ready: ${more.join(', ')}.`
}

/** What somebody has to see to comes first. */
export function worstFirst(ways: readonly WayBackReadiness[]): readonly WayBackReadiness[] {
  const of = (state: ReadinessState) => ways.filter((way) => way.state === state)
  return [...of('not-ready'), ...of('unknown'), ...of('ready')]
}

/** One way back, in one line, or in two where it is not ready. */
export function wayLine(way: WayBackReadiness): Mrkdwn {
  const because = mrk`    ${clipped(way.because, 500)}`
  return lines([headOf(way), ...(way.state === 'ready' ? [] : [because])])
}

/** The same with all that was looked at; what is too old for that has only a reason. */
export function wayLines(way: WayBackReadiness): Mrkdwn {
  return way.checks.length > 0 ? lines([headOf(way), ...checkLines(way.checks)]) : wayLine(way)
}

/** What it does names the services by itself. */
function headOf({ state, does, ...way }: WayBackReadiness): Mrkdwn {
  const what = does === null ? wayInWords(way) : wordsOf(way.procedure).name
  const where = does === null ? '' : mrk`, ${clipped(does, 200)}`
  return mrk`${trusted(SIGNS[state])} *${what}:* ${STATES[state]}${where}`
}

/** Those of one name together: the worst of them, and of the others how many. */
export function checkLines(checks: readonly ReadinessCheck[]): readonly Mrkdwn[] {
  return [...Map.groupBy(checks, ({ name }) => name)].map(([name, its]) => {
    const state = worstOf(its.map((check) => check.state)) ?? 'unknown'
    const said = new Set(its.flatMap((check) => (check.state === state ? [check.because] : [])))
    const shown = [...said].slice(0, 3)
    const more = said.size - shown.length
    const rest = more > 0 ? `; and ${more} more` : ''
    const sign = state === 'ready' ? '•' : SIGNS[state]
    return mrk`    ${trusted(sign)} ${CHECKS[name]}: ${clipped(shown.join('; '), 500)}${rest}`
  })
}

/** "Checked 2026-11-29 06:00 UTC, 12 minutes ago." */
export function checkedLine({ at }: Pick<Reading, 'at'>, nowMs: number): Mrkdwn {
  const ageMs = nowMs - toMs(at)
  const ago = ageMs < 60_000 ? 'just now' : `${inRoundWords(ageMs)} ago`
  return mrk`Checked ${dayAndTime(at)}, ${ago}.`
}
