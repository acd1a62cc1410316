import type { KnownBlock } from '@slack/types'
import { wordsOf } from '../../domain/plan/about-request.ts'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone, type Run } from '../../domain/plan/run.ts'
import type { View } from '../../domain/base/view.ts'
import { inWords } from '../../domain/text/duration.ts'
import { context, header, section, view } from '../parts/blocks.ts'
import { clockTime } from '../text/moments.ts'
import { bothEnds, clipped, codeBlock, mention, mrk, trusted } from '../text/text.ts'
import { runActions } from '../parts/plan-actions.ts'
import { signers, titleOfPlan } from '../parts/plan-words.ts'
import { outcomeLines, OUTCOME_SIGNS, OUTCOME_WORDS } from '../parts/run-words.ts'
import { stepBlocks } from '../parts/step-lines.ts'

/** How a plan is carried out, step by step; afterwards what came of it and what it has not shown. */
export function runCard(incident: Incident, number: number, approval: ApprovalSettings): View {
  const state = incident.plans[number - 1]
  const run = state?.run
  if (!state || !run) {
    return view(`Plan ${number} is not being carried out.`, [section(mrk`Plan ${number}`)])
  }
  const outcome = outcomeLines(state, incident)
  return view(sentenceOf(state, run), [
    header(titleOf(state, run)),
    ...(outcome.length > 0 ? [section(...outcome)] : []),
    ...stopping(run),
    ...stepBlocks(incident, state, run),
    ...afterwards(state, run),
    ...runActions(incident, state, run, approval),
    context(
      mrk`Asked for by ${mention(state.requestedBy)}, signed by ${signers(state, incident)}. ${times(run)}`,
    ),
  ])
}

/** What it would take more room for is not cut: half a file is none. */
const TEXT_AT_MOST = 2_500

function afterwards({ plan }: PlanState, run: Run): readonly KnownBlock[] {
  const after = plan?.afterwards
  if (!after || !hasDone(run)) return []
  const text =
    after.text.length > TEXT_AT_MOST
      ? trusted('_It is too long to be shown here._')
      : codeBlock(after.text)
  return [section(mrk`*Then:* ${clipped(after.says, 400)}`), section(text)]
}

function titleOf(state: PlanState, { ended }: Run): string {
  const title = titleOfPlan(state, 100)
  return ended
    ? `${OUTCOME_SIGNS[ended.outcome]} Plan ${state.number} ${OUTCOME_WORDS[ended.outcome]}: ${title}`
    : `⏳ ${wordsOf(state.request.kind).doing}: ${title}`
}

/** For who only hears it: where it is, or how it ended. */
function sentenceOf(state: PlanState, { steps, ended }: Run): string {
  const { number, request } = state
  const title = titleOfPlan(state)
  if (!ended) {
    const at = Math.min(steps.findLastIndex(({ kind }) => kind === 'succeeded') + 2, steps.length)
    return `${wordsOf(request.kind).doing}, plan ${number}: ${title}. Step ${at} of ${steps.length}.`
  }
  const said = ended.outcome === 'succeeded' ? '' : ` ${bothEnds(ended.says, 300)}.`
  return `Plan ${number} ${OUTCOME_WORDS[ended.outcome]}: ${title}.${said}`
}

function stopping({ abort, ended }: Run) {
  if (!abort) return []
  const by = mrk`${mention(abort.by)} asked at ${clockTime(abort.at)} to stop`
  return [section(ended ? by : mrk`⏹️ *Stopping:* ${by}. Nothing more is begun.`)]
}

function times({ startedAt, ended }: Run) {
  if (!ended) return mrk`Begun ${clockTime(startedAt)}.`
  const took = inWords(toMs(ended.at) - toMs(startedAt))
  return mrk`Begun ${clockTime(startedAt)}, ended ${clockTime(ended.at)}, after ${took}${trusted('.')}`
}
