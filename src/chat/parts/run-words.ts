import { wordsOf } from '../../domain/plan/about-request.ts'
import { incidentCan, touchSame } from '../../domain/incident/incident-can.ts'
import { isOpen, type Incident } from '../../domain/incident/incident.ts'
import { isGateOpen, type PlanState } from '../../domain/plan/plan-state.ts'
import { leftInWords } from '../../domain/plan/left-meanwhile.ts'
import { leftBy } from '../../domain/plan/left-standing.ts'
import { hasWritten, isAsked, isRunning, type Outcome, type Run } from '../../domain/plan/run.ts'
import { isWatching } from '../../domain/watch/watch.ts'
import { clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { differenceLines, wasUndone } from './plan-words.ts'

export const OUTCOME_SIGNS: Record<Outcome, string> = {
  succeeded: '✅',
  incomplete: '☑️',
  failed: '❌',
  aborted: '⏹️',
  'out-of-time': '⌛',
  'gate-closed': '🚫',
}

export const OUTCOME_WORDS: Record<Outcome, string> = {
  succeeded: 'was carried out',
  incomplete: 'was carried out, except for a side step',
  failed: 'failed',
  aborted: 'was stopped',
  'out-of-time': 'was stopped, because its time was up',
  'gate-closed': 'was not begun',
}

/** What came of a run, in the system's own words; the first line carries the message. */
export function outcomeLines(state: PlanState, incident: Incident): readonly Mrkdwn[] {
  const { run } = state
  if (!run?.ended) return []
  const { outcome, says } = run.ended
  switch (outcome) {
    case 'succeeded':
      return [
        mrk`*Every step was carried out and verified.* What was seen stands with each step.`,
        notProved(state, incident),
      ]
    case 'incomplete':
      return [
        mrk`*What the plan was for is done and verified.*`,
        mrk`*Not done:* ${clipped(says, 800)}.`,
        notProved(state, incident),
      ]
    case 'failed':
      return [
        mrk`*Failed:* ${clipped(says, 800)}.`,
        writtenInWords(run),
        ...meanwhileInWords(state, run, incident),
        ...nextMove(state, run, incident),
      ]
    case 'out-of-time':
    case 'aborted':
      return [
        mrk`*Stopped:* ${clipped(says.replace(/^stopped /, ''), 800)}.`,
        writtenInWords(run),
        ...meanwhileInWords(state, run, incident),
        ...nextMove(state, run, incident),
      ]
    case 'gate-closed':
      return [
        trusted('*Nothing was written.* What stopped it right before the first write:'),
        ...differenceLines(says.split('; ')),
        ...nextMove(state, run, incident),
      ]
    default:
      return outcome satisfies never
  }
}

function notProved(state: PlanState, incident: Incident): Mrkdwn {
  const { notProved: what } = wordsOf(state.request.kind)
  const isByPeople = state.plan?.steps.some(({ byPeople }) => byPeople !== undefined) === true
  const peoples = isByPeople ? '; and what people did is their word' : ''
  return mrk`*Not proved:* ${what}${peoples}. ${watchNext(state, incident)}`
}

function watchNext({ number }: PlanState, { watch }: Incident): string {
  if (watch && watch.plan === number) return 'The watch in this thread looks at it.'
  return isWatching(watch)
    ? 'The watch that was under way goes on looking.'
    : 'Nothing looks at it: check again, or watch it by hand.'
}

/** The state that a run which did not come to its end has left. */
function writtenInWords(run: Run): Mrkdwn {
  const steps = run.steps.map((step, index) => ({ step, number: index + 1 }))
  const numbered = (wanted: 'yes' | 'unknown') =>
    steps
      .filter(({ step }) =>
        step.kind === 'succeeded'
          ? step.applied && wanted === 'yes'
          : step.kind === 'failed' && step.applied === wanted,
      )
      .map(({ number }) => number)
  const written = stepsInWords(numbered('yes'))
  const unknown = stepsInWords(numbered('unknown'))
  const wrote = written ? `What ${written} wrote is not taken back.` : ''
  const doubt = unknown ? ` It is *not known* whether ${unknown} took effect.` : ''
  const failed = run.steps.find((step) => step.kind === 'failed')
  const nothing = failed?.takenBack
    ? 'What was written was taken back.'
    : failed?.onlyTried
      ? 'Nothing was written but to try.'
      : 'Nothing was written.'
  return trusted(`${wrote}${doubt}`.trim() || nothing)
}

/** `steps 1 to 4 and 6`; `null`: none. */
function stepsInWords(numbers: readonly number[]): string | null {
  const rows: [number, number][] = []
  for (const number of numbers) {
    const last = rows.at(-1)
    if (last?.[1] === number - 1) last[1] = number
    else rows.push([number, number])
  }
  const named = rows.flatMap(([from, to]) => {
    return to - from > 1 ? [`${from} to ${to}`] : [...new Set([from, to])].map(String)
  })
  if (numbers.length === 0) return null
  return `${numbers.length === 1 ? 'step' : 'steps'} ${AND.format(named)}`
}

/** Without a comma before the last. */
const AND = new Intl.ListFormat('en-GB')

/** What the plan had taken only for its own time, and has not given back. */
function meanwhileInWords(state: PlanState, run: Run, incident: Incident): readonly Mrkdwn[] {
  const left = leftBy(incident.plans, state.number).map(leftInWords)
  if (left.length === 0 || wasUndone(incident, state.number)) return []
  const undo = incidentCan.undo(incident, state.number) === true
  const until = undo ? 'until _Undo_' : 'until somebody gives it back'
  // What made it fail may have changed that, too.
  const seen = run.ended?.outcome === 'failed' ? ', as last seen' : ''
  return [mrk`*Left so ${trusted(`${until}${seen}`)}:* ${clipped(left.join('; '), 400)}.`]
}

/** The next best move, as long as it is for somebody to make. */
function nextMove(state: PlanState, run: Run, incident: Incident): readonly Mrkdwn[] {
  if (!isOpen(incident)) return []
  const newer = incident.plans.findLast(
    (other) => other.number > state.number && touchSame(incident, other.request, state.request),
  )
  if (newer) {
    const sign = isGateOpen(newer) ? ': read and sign it' : ''
    return [mrk`*Next:* plan ${newer.number} has taken its place${sign}.`]
  }
  const undo = incidentCan.undo(incident, state.number) === true
  const again = incidentCan.planAgain(incident, state.number) === true
  return [trusted(`*Next:* ${nextInWords(run, { undo, again })}`)]
}

/** Only what may be pressed now is named. */
function nextInWords(
  run: Run,
  { undo, again }: { readonly undo: boolean; readonly again: boolean },
): string {
  const unsure = run.steps.some((step) => step.kind === 'failed' && step.applied === 'unknown')
  if (!undo && !again) {
    return unsure ? 'look by hand what is there now.' : 'go by the newest card in this thread.'
  }
  if (hasWritten(run)) {
    const cause = run.ended?.outcome === 'failed' ? ', once the cause is removed' : ''
    const ways = [
      ...(undo ? ['_Undo_ goes back to how it was before'] : []),
      ...(again ? [`_Plan again_ goes on from what stands now${cause}`] : []),
    ]
    const either = ways.length > 1 ? 'Either is' : 'That is'
    return `decide. ${ways.join('; ')}. ${either} a plan with its own signatures.`
  }
  if (!unsure) return again ? 'remove the cause, then _Plan again_.' : 'remove the cause.'
  const both = [...(undo ? ['_Undo_'] : []), ...(again ? ['_Plan again_'] : [])]
  const look =
    both.length > 1 ? 'look as well, before they write' : 'looks as well, before it writes'
  return `look by hand what is there now. ${both.join(' and ')} ${look} anything.`
}

/** What people are asked for now, in the words of the plan; `null`: nothing. */
export function peoplesTurn({ plan, run }: PlanState): string | null {
  const steps = isRunning(run) && !run.abort ? run.steps : []
  const at = steps.findIndex(isAsked)
  return plan?.steps[at]?.title ?? null
}
