import { wordsOf } from '../../domain/plan/about-request.ts'
import { activePlans, leadingPlan, type Incident } from '../../domain/incident/incident.ts'
import { leftInWords } from '../../domain/plan/left-meanwhile.ts'
import { leftBy } from '../../domain/plan/left-standing.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone, isRunning, type Run } from '../../domain/plan/run.ts'
import { inWords } from '../../domain/text/duration.ts'
import { utcTime } from '../../domain/text/utc.ts'
import { clockTime } from '../text/moments.ts'
import { bothEnds, clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { WATCH_WORDS } from '../text/words.ts'
import { signaturesMissing, signedInWords, titleOfPlan, waitInWords } from './plan-words.ts'

/** Where the plan that people look at stands, in a clause: "Plan 1: 1 of 2 signatures". */
export function planProgress(incident: Incident): string | null {
  const state = leadingPlan(incident)
  return state && `${progressOf(state, incident)}${times(state, incident, utcTime)}`
}

/** The same for a card. */
export function progressLine(incident: Incident, max: number): Mrkdwn | null {
  const state = leadingPlan(incident)
  return state && shownProgress(state, incident, max)
}

/** The same of the other plans that are under way. */
export function otherProgress(incident: Incident, max: number): readonly Mrkdwn[] {
  const leading = leadingPlan(incident)
  return activePlans(incident)
    .filter((state) => state !== leading)
    .map((state) => shownProgress(state, incident, max))
}

function shownProgress(state: PlanState, incident: Incident, max: number): Mrkdwn {
  const said = times(state, incident, (iso) => clockTime(iso).mrkdwn)
  return mrk`${clipped(progressOf(state, incident), max)}${trusted(said)}`
}

function progressOf(state: PlanState, incident: Incident): string {
  const { number, plan, ended, run } = state
  if (run) return runProgress(state, run, incident)
  if (ended) {
    switch (ended.kind) {
      case 'infeasible':
        return `Plan ${number}: not possible now: ${bothEnds(ended.because, 160)}`
      case 'denied':
        return `Plan ${number}: denied${ended.reason === null ? '' : `: ${bothEnds(ended.reason, 160)}`}`
      case 'voided':
        return `Plan ${number}: void, what was proposed does not fit any more`
      case 'withdrawn':
        return `Plan ${number}: withdrawn`
      default:
        return ended satisfies never
    }
  }
  if (!plan) return `Plan ${number}: being prepared`
  if (signaturesMissing(state, incident) > 0) {
    return `Plan ${number}: ${signedInWords(state, incident)}`
  }
  return `Plan ${number}: ${waitInWords(state, incident)}`
}

/** Since when it is carried out and how long that took the last times; afterwards, what its watch has seen. */
function times(state: PlanState, incident: Incident, time: (iso: string) => string): string {
  const { plan, run } = state
  if (!isRunning(run) || run.abort || plan?.expectedMs == null)
    return watching(state, incident, time)
  return `, begun ${time(run.startedAt)}, usually ${inWords(plan.expectedMs)} in all`
}

/** What the watch over a plan that was carried out has seen. */
function watching(
  { number, run }: PlanState,
  { watch }: Incident,
  time: (iso: string) => string,
): string {
  if (watch?.plan !== number || !hasDone(run)) return ''
  return watch.ended
    ? `, watched until ${time(watch.ended.at)}: ${WATCH_WORDS[watch.state]}`
    : `, watching: ${WATCH_WORDS[watch.state]}`
}

function runProgress(state: PlanState, run: Run, { plans }: Incident): string {
  const { doing } = wordsOf(state.request.kind)
  const done = run.steps.filter(({ kind }) => kind === 'succeeded').length
  const at = `step ${Math.min(done + 1, run.steps.length)} of ${run.steps.length}`
  const after = done === 0 ? 'before its first step' : `after step ${done} of ${run.steps.length}`
  if (!run.ended) return run.abort ? `${doing}: stopping at ${at}` : `${doing}: ${at}`
  switch (run.ended.outcome) {
    case 'succeeded':
      return `Done: ${titleOfPlan(state)}`
    case 'incomplete':
      return `Done: ${titleOfPlan(state)}; not done: ${bothEnds(run.ended.says, 120)}`
    case 'out-of-time':
      return `${doing} was stopped ${after}: its time was up${leftSo(state, run, plans)}`
    case 'failed':
      return `${doing} failed at ${at}: ${bothEnds(run.ended.says, 160)}${leftSo(state, run, plans)}`
    case 'aborted':
      return `${doing} was stopped ${after}${leftSo(state, run, plans)}`
    case 'gate-closed':
      return `Plan ${state.number}: nothing was written, because it could not be done as it was signed`
    default:
      return run.ended.outcome satisfies never
  }
}

/** What it had taken only for its own time, for a line. */
function leftSo({ number }: PlanState, run: Run, plans: readonly PlanState[]): string {
  const left = leftBy(plans, number).map(leftInWords)
  const seen = run.ended?.outcome === 'failed' ? ', as last seen' : ''
  return left.length > 0 ? `; left so${seen}: ${bothEnds(left.join(', '), 120)}` : ''
}
