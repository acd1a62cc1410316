import { toMs } from '../../domain/instant.ts'
import type { PlanState } from '../../domain/plan-state.ts'
import type { Applied, Run, StepState } from '../../domain/run.ts'
import { clipped, clockTime, inWords, mrk, trusted, type Mrkdwn } from '../text.ts'

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

/** The steps of a run, each with how it went. */
export function stepLines({ plan }: PlanState, run: Run): readonly Mrkdwn[] {
  return run.steps.map((step, index) => {
    const title = plan?.steps[index]?.title ?? 'a step'
    const sign = trusted(SIGNS[step.kind])
    return mrk`${sign} ${index + 1}. *${clipped(title, 300)}*: ${stateInWords(step, run)}`
  })
}

function stateInWords(step: StepState, run: Run): Mrkdwn {
  switch (step.kind) {
    case 'pending':
      if (run.ended) return trusted('not begun, and will not be')
      return mrk`not begun${waiting(step.waiting)}`
    case 'started': {
      const says = step.says === null ? trusted('') : mrk`. ${clipped(step.says, 500)}`
      return mrk`under way since ${clockTime(step.at)}${says}${waiting(step.waiting)}`
    }
    case 'succeeded': {
      const written = step.applied ? '' : ', nothing had to be written'
      return mrk`done ${took(step)}${written}. ${clipped(step.says, 500)}`
    }
    case 'failed':
      return mrk`failed ${took(step)}: ${clipped(step.says, 500)}. ${trusted(APPLIED_WORDS[step.applied])}`
    default:
      return step satisfies never
  }
}

function waiting(because: string | null): Mrkdwn {
  return because === null ? trusted('') : mrk`. *Waits:* ${clipped(because, 300)}`
}

function took({ startedAt, at }: { readonly startedAt: string; readonly at: string }): string {
  const ms = toMs(at) - toMs(startedAt)
  return ms < 1000 ? 'in under 1 s' : `in ${inWords(ms)}`
}
