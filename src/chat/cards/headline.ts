import { wordsOf } from '../../domain/plan/about-request.ts'
import { decidingRule, severityOf } from '../../domain/incident/declaration.ts'
import { isAnyRunning, leadingPlan, type Incident } from '../../domain/incident/incident.ts'
import { hasDone, mayHaveWritten, type Outcome } from '../../domain/plan/run.ts'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import type { View } from '../../domain/base/view.ts'
import type { Watch } from '../../domain/watch/watch.ts'
import { context, header, section, view } from '../parts/blocks.ts'
import { COMMAND } from '../reading/commands.ts'
import { clipped, clockTime, counted, mention, mrk, type Mrkdwn } from '../text/text.ts'
import { SEVERITY_WORDS, WATCH_SIGNS, WATCH_WORDS } from '../text/words.ts'
import { answerInWords, outdatedBy, wayBack } from '../parts/answer-parts.ts'
import { nextButton } from '../parts/next-buttons.ts'
import { suspendedLines, suspendedNames } from '../parts/suspended.ts'
import {
  otherProgress,
  planProgress,
  signatures,
  signaturesMissing,
  signers,
  titleOfPlan,
} from '../parts/plan-words.ts'

/** The one message of an incident in the channel: always true, re-rendered, never posted again. */
export function headline(
  incident: Incident,
  environment: string,
  approval: ApprovalSettings,
): View {
  const { declared, closed, id } = incident
  if (!declared) return view(`Incident ${id}`, [section(mrk`Incident ${id}`)])
  const severity = severityOf(incident)
  const state = closed ? 'Closed' : 'Open'
  const level = severity ? `severity ${SEVERITY_WORDS[severity]}` : 'severity not known yet'
  const progress = planProgress(incident)
  const planned = progress === null ? '' : ` ${progress}.`
  const sentence = `${state} incident in ${environment}, ${level}: ${declared.title}.${planned} ${nextInWords(incident)}`
  return view(sentence, [
    header(`${signOf(incident)} ${environment}: ${titleOf(incident)}`),
    section(
      mrk`*${state}*, ${level}, since ${clockTime(declared.at)}`,
      ...(progress === null ? [] : planLines(incident, progress)),
      ...verdictLines(incident),
      ...suspendedLines(incident),
      ...wishes(incident),
      ...(closed ? [] : [mrk`*Next:* ${nextInWords(incident)}`]),
    ),
    ...nextButton(incident, approval),
    context(
      mrk`Incident ${id}. Declared by ${mention(declared.by)}.${closed ? mrk` Closed ${clockTime(closed.at)} by ${mention(closed.by)}.` : ''}`,
    ),
  ])
}

/** What it was declared as is not what it is, once a watch has looked. */
function titleOf(incident: Incident): string {
  const title = incident.declared?.title ?? ''
  const watch = watchOf(incident)
  return watch ? `${WATCH_WORDS[watch.state]}. Declared as: ${title}` : title
}

/** The watch over what a plan has brought, while nothing newer is carried out. */
function watchOf(incident: Incident): Watch | null {
  const { closed, watch } = incident
  if (closed || !watch || watch.plan === null) return null
  return isAnyRunning(incident) ? null : watch
}

/** What it is now, as far as it was seen. */
function signOf(incident: Incident): string {
  if (incident.closed) return '✅'
  if (isAnyRunning(incident)) return '⏳'
  const watch = watchOf(incident)
  return watch ? WATCH_SIGNS[watch.state] : '🚨'
}

/** What was measured, and when, as soon as something was done about it. */
function verdictLines(incident: Incident): readonly Mrkdwn[] {
  const { assessment, closed } = incident
  const title = closed ? 'Last look' : 'Verdict'
  if (!assessment) return [mrk`*${title}:* looking…`]
  const plan = outdatedBy(incident)
  const when = plan === null ? '' : ` at ${clockTime(assessment.at)}, before plan ${plan}`
  return [
    mrk`*${title}${when}:* ${answerInWords(assessment)}`,
    ...(plan !== null || closed || isUnderWay(incident) ? [] : [wayBack(assessment)]),
  ]
}

/** A plan takes the place of what was recommended; after a rollback the way back is to undo it. */
function isUnderWay(incident: Incident): boolean {
  const state = leadingPlan(incident)
  const waits = state !== null && state.ended === null
  return waits || incident.plans.some(({ run }) => run !== null && mayHaveWritten(run))
}

/** The procedure, how far it is, and who signed. */
function planLines(incident: Incident, progress: string): readonly Mrkdwn[] {
  const state = leadingPlan(incident)
  if (!state) return []
  const approved = signatures(state, incident).length > 0
  const by = signaturesMissing(state, incident) > 0 ? 'Approved so far by' : 'Approved by'
  // Progress names it once it is done.
  const done = hasDone(state.run)
  const title = state.plan && !done ? `, ${titleOfPlan(state)}` : ''
  return [
    mrk`*Progress:* ${clipped(progress, 400)}`,
    ...watchLine(incident, state.number),
    mrk`*Procedure:* ${wordsOf(state.request.kind).name}${title}`,
    ...(approved ? [mrk`*${by}:* ${signers(state, incident)}`] : []),
    ...otherProgress(incident).map((other) => mrk`*Also:* ${clipped(other, 200)}`),
  ]
}

/** A later plan that came to nothing does not hide what an earlier one has brought. */
function watchLine({ watch, closed }: Incident, newest: number): readonly Mrkdwn[] {
  if (!watch || watch.plan === null || watch.plan === newest || closed) return []
  return [
    mrk`*Plan ${watch.plan}:* done, ${watch.ended ? 'watched' : 'watching'}: ${WATCH_WORDS[watch.state]}`,
  ]
}

function wishes({ declared }: Incident): readonly Mrkdwn[] {
  if (!declared) return []
  const { services, procedure, toVersion } = declared
  return [
    ...(services.length > 0 ? [mrk`*Affected:* ${services.join(', ')}`] : []),
    ...(toVersion ? [mrk`*Wanted:* ${procedure ?? 'a rollback'} to ${toVersion}`] : []),
  ]
}

/** What somebody should do now. */
function nextInWords(incident: Incident): string {
  const { assessment, closed } = incident
  const suspended = suspendedNames(incident)
  if (closed) {
    return suspended ? `Resume ${suspended} by hand.` : 'Nothing is left to do here.'
  }
  const planned = nextForPlan(incident)
  if (planned) return planned
  if (!assessment) return 'Wait for the verdict.'
  switch (assessment.decision) {
    case 'roll-back':
      if (assessment.recommended) return 'Decide on the rollback. The details are in the thread.'
      return assessment.procedures.every(({ known }) => known)
        ? 'No way back is possible now. See the thread for why.'
        : 'Which way back is possible is not known. See the thread for why.'
    case 'person-decides':
      return 'Decide. What is known and what is not stands in the thread.'
    case 'do-not':
      return decidingRule(incident)?.alternative
        ? 'Do not roll back. The thread says what to do instead.'
        : 'Do not roll back. Nothing that was measured calls for it.'
    default:
      return assessment.decision satisfies never
  }
}

/** What the plan that counts asks of people; `null` where there is none, or it came to nothing. */
function nextForPlan(incident: Incident): string | null {
  const state = leadingPlan(incident)
  if (!state) return null
  const { number, plan, run, ended } = state
  const { watch } = incident
  if (run?.ended) return nextAfterRun(incident, run.ended.outcome)
  if (run) return 'Wait. It can be stopped in the thread.'
  if (ended && watch && watch.plan !== null) return nextWatched(incident, watch)
  if (ended) return ended.kind === 'withdrawn' ? null : 'Decide what else. The thread says why not.'
  if (!plan) return 'Wait for the plan. It comes to the thread within seconds.'
  const missing = signaturesMissing(state, incident)
  if (missing === 0) return 'Wait. It begins by itself.'
  return `Read plan ${number} in the thread and sign it: ${counted(missing, 'more signature')}.`
}

function nextAfterRun(incident: Incident, outcome: Outcome): string {
  const { watch } = incident
  if (outcome !== 'succeeded' && outcome !== 'incomplete')
    return 'Decide in the thread: it says what was left and how to go on.'
  return watch ? nextWatched(incident, watch) : 'See whether it helped: check again in the thread.'
}

function nextWatched(incident: Incident, watch: Watch): string {
  switch (watch.state) {
    case 'settling':
      return watch.ended
        ? 'It never became stable. Look at it before closing.'
        : 'Wait until it is stable.'
    case 'stable':
      return suspendedNames(incident)
        ? `Tell the status page. Revert in Git, then type ${COMMAND} resume.`
        : 'Tell the status page. Close the incident when people confirm that it is over.'
    case 'relapse':
      return 'Production is bad. Decide in the thread.'
    case 'blind':
      return 'Look by hand: Backout cannot see production.'
    default:
      return watch.state satisfies never
  }
}
