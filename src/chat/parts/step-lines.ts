import { inWords } from '../../domain/text/duration.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { isAsked, type Applied, type Run, type StepState } from '../../domain/plan/run.ts'
import type { KnownBlock } from '@slack/types'
import type { Incident } from '../../domain/incident/incident.ts'
import { context, section } from './blocks.ts'
import { stepDone } from './plan-actions.ts'
import { underWay } from './progress.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, counted, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'

const SIGNS: Record<StepState['kind'], string> = {
  pending: '⚪',
  started: '⏳',
  succeeded: '✅',
  failed: '❌',
}

const APPLIED_WORDS: Record<Applied, string> = {
  yes: 'Something was written.',
  no: 'It wrote nothing.',
  unknown: '*It is not known whether it took effect.*',
}

/* What the steps may fill, so that the buttons always find room below them. */
const ROOM = 6000
const MOST_STEPS = 18

/** The steps of a run, each with how it went below it. */
export function stepBlocks(
  incident: Incident,
  { plan, number }: PlanState,
  run: Run,
): KnownBlock[] {
  const fitting: KnownBlock[] = []
  let room = ROOM
  let shown = 0
  for (const [index, step] of run.steps.entries()) {
    const title = clipped(plan?.steps[index]?.title ?? 'a step', 300)
    const what = section(mrk`${trusted(signOf(step, run))} ${index + 1}. *${title}*`)
    const [done] = stepDone(incident, { plan: number, step: index })
    const blocks = [
      done ? { ...what, accessory: done } : what,
      context(stateInWords(step, run, plan?.usualStepsMs?.[index] ?? null)),
    ]
    room -= JSON.stringify(blocks).length
    if (room < 0 || shown === MOST_STEPS) break
    fitting.push(...blocks)
    shown += 1
  }
  const missing = run.steps.length - shown
  if (missing > 0) fitting.push(context(mrk`${counted(missing, 'more step')} did not fit here.`))
  return fitting
}

function signOf(step: StepState, run: Run): string {
  if (isAsked(step) && !run.ended) return '👤'
  return wasStopped(step, run) ? '⏹️' : SIGNS[step.kind]
}

/** A person ended it, and not the world. */
function wasStopped({ kind }: StepState, { ended }: Run): boolean {
  return kind === 'failed' && ended?.outcome === 'aborted'
}

/** `usualMs`: how long it took the last times; `null`: it never ran. */
function stateInWords(step: StepState, run: Run, usualMs: number | null): Mrkdwn {
  const usually = usualMs === null ? '' : `, usually ${inWords(usualMs)}`
  switch (step.kind) {
    case 'pending':
      if (run.ended) return trusted('Not begun, and will not be.')
      if (isAsked(step))
        return mrk`Waits for people since ${clockTime(step.askedAt)}: press _Done_ when it is.`
      return mrk`Not begun${usually}${waiting(step.waiting)}`
    case 'started': {
      const { says: said, progress } = step
      const says = said === null ? trusted('') : mrk`. ${underWay({ says: said, progress })}`
      return mrk`Under way since ${clockTime(step.at)}${usually}${says}${waiting(step.waiting)}`
    }
    case 'succeeded': {
      if (step.by !== undefined) return mrk`Done ${took(step)}, says ${mention(step.by)}.`
      const written = step.applied ? '' : ', wrote nothing'
      return mrk`Done ${took(step)}${written}. ${clipped(step.says, 500)}`
    }
    case 'failed': {
      // Why is said on top, once the run has ended with it.
      const why = run.ended?.says.includes(step.says)
        ? trusted('')
        : mrk`: ${clipped(step.says, 500)}`
      const how = wasStopped(step, run) ? 'Stopped' : 'Failed'
      return mrk`${how} ${took(step)}${why}. ${trusted(leftInWords(step))}`
    }
    default:
      return step satisfies never
  }
}

function leftInWords(step: Extract<StepState, { kind: 'failed' }>): string {
  if (step.takenBack) return 'What it wrote was taken back.'
  if (step.onlyTried) return 'It wrote only to try; what it could not clean up is named.'
  return APPLIED_WORDS[step.applied]
}

function waiting(because: string | null): Mrkdwn {
  return because === null ? trusted('') : mrk`. *Waits:* ${clipped(because, 300)}`
}

function took({ startedAt, at }: { readonly startedAt: string; readonly at: string }): string {
  const ms = toMs(at) - toMs(startedAt)
  return ms < 1000 ? 'in under 1 s' : `in ${inWords(ms)}`
}
