import { decidingRule, severityOf } from '../../domain/incident/declaration.ts'
import { leftOpen } from '../../domain/incident/left-open.ts'
import { leftToDecide } from '../../domain/incident/left-to-decide.ts'
import { leadingPlan, type Incident } from '../../domain/incident/incident.ts'
import { standingOf } from '../../domain/incident/standing.ts'
import { wordsOf } from '../../domain/plan/about-request.ts'
import { isActive, type PlanState } from '../../domain/plan/plan-state.ts'
import { hasDone, mayHaveWritten } from '../../domain/plan/run.ts'
import type { Assessment } from '../../domain/assessment/assessment.ts'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import type { View } from '../../domain/base/view.ts'
import type { Watch } from '../../domain/watch/watch.ts'
import { context, header, section, view } from '../parts/blocks.ts'
import { COMMAND } from '../reading/commands.ts'
import { clockTime } from '../text/moments.ts'
import { counted, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { SEVERITY_WORDS } from '../text/words.ts'
import { wayBack } from '../parts/answer-parts.ts'
import { pageLines } from '../parts/page-lines.ts'
import { standingSentence, standingSign, standingTitle } from '../parts/standing-words.ts'
import { canBeRead } from '../../domain/plan/readable.ts'
import { hasApprovers, madeReady } from '../parts/plan-actions.ts'
import { nextButton } from '../parts/next-buttons.ts'
import { leftOpenLines } from '../parts/left-open-lines.ts'
import { suspendedLines, suspendedNames } from '../parts/suspended.ts'
import { signatures, signaturesMissing, signers, titleOfPlan } from '../parts/plan-words.ts'
import { otherProgress, planProgress, progressLine } from '../parts/plan-progress.ts'
import { peoplesTurn } from '../parts/run-words.ts'

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
  const sentence = `${state} incident in ${environment}, ${level}: ${declared.title}.${planned} ${nextInWords(incident, approval)}`
  return view(sentence, [
    header(`${standingSign(incident)} ${environment}: ${titleOf(incident)}`),
    section(
      mrk`*${state}*, ${level}, since ${clockTime(declared.at)}`,
      ...leadLine(incident),
      ...pageLines(incident, 'newest'),
      ...planLines(incident),
      ...standingLines(incident),
      ...suspendedLines(incident),
      ...wishes(incident),
      ...leftLines(incident),
      ...(closed ? [] : [mrk`*Next:* ${nextInWords(incident, approval)}`]),
    ),
    ...nextButton(incident, approval),
    context(
      mrk`Incident ${id}. Declared by ${mention(declared.by)}.${closed ? mrk` Closed ${clockTime(closed.at)} by ${mention(closed.by)}.` : ''}`,
    ),
  ])
}

/** What it was declared as is not what it is, once something was done about it. */
function titleOf(incident: Incident): string {
  const title = incident.declared?.title ?? ''
  const now = standingTitle(incident)
  return now === null ? title : `${now}. Declared as: ${title}`
}

/** Whom everybody asks, once somebody has taken that on. */
function leadLine({ lead }: Incident): readonly Mrkdwn[] {
  return lead ? [mrk`*Lead:* ${mention(lead.by)} since ${clockTime(lead.at)}`] : []
}

/** How production stands, by the newest that was seen, and the way back while none is taken. */
function standingLines(incident: Incident): readonly Mrkdwn[] {
  const { assessment } = incident
  const standing = standingOf(incident)
  const recommends = standing.kind === 'assessed' && assessment && !isUnderWay(incident)
  return [mrk`*Now:* ${standingSentence(incident)}`, ...(recommends ? [wayBack(assessment)] : [])]
}

/** A plan takes the place of what was recommended; after a rollback the way back is to undo it. */
function isUnderWay(incident: Incident): boolean {
  const state = leadingPlan(incident)
  const waits = state !== null && state.ended === null
  return waits || incident.plans.some(({ run }) => run !== null && mayHaveWritten(run))
}

/** What is done about it, how far it is, and who signed. What came to nothing has changed nothing. */
function planLines(incident: Incident): readonly Mrkdwn[] {
  const state = leadingPlan(incident)
  const progress = progressLine(incident, 400)
  if (!state || progress === null) return []
  const approved = signatures(state, incident).length > 0
  const by = signaturesMissing(state, incident) > 0 ? 'Approved so far by' : 'Approved by'
  const nothing = state.ended !== null && !hasChanged(state)
  // Progress names it once it is done.
  const title = state.plan && !hasDone(state.run) ? `, ${titleOfPlan(state)}` : ''
  return [
    mrk`*Progress:* ${progress}`,
    ...(nothing ? [] : [mrk`*Procedure:* ${wordsOf(state.request.kind).name}${title}`]),
    ...(approved && !nothing ? [mrk`*${by}:* ${signers(state, incident)}`] : []),
    ...otherProgress(incident, 200).map((other) => mrk`*Also:* ${other}`),
    ...standsLine(incident, state),
  ]
}

/** What an earlier plan has brought goes on standing when a later one comes to nothing. */
function standsLine({ plans }: Incident, leading: PlanState): readonly Mrkdwn[] {
  const stands = plans.findLast(hasChanged)
  if (!stands || stands === leading) return []
  return [mrk`*Carried out last:* plan ${stands.number}, ${titleOfPlan(stands)}`]
}

function hasChanged({ run }: PlanState): boolean {
  return run !== null && mayHaveWritten(run)
}

/** Once it is closed nobody comes back to it by themselves: what is left open stands on top. */
function leftLines(incident: Incident): readonly Mrkdwn[] {
  const left = incident.closed ? leftOpenLines(incident, SAID_ABOVE) : []
  return left.length > 0 ? [trusted('*Left open:*'), ...left] : []
}

const SAID_ABOVE: ReadonlySet<string> = new Set(['suspended'])

function wishes({ declared }: Incident): readonly Mrkdwn[] {
  if (!declared) return []
  const { services, procedure, toVersion } = declared
  return [
    ...(services.length > 0 ? [mrk`*Affected:* ${services.join(', ')}`] : []),
    ...(toVersion ? [mrk`*Wanted:* ${procedure ?? 'a rollback'} to ${toVersion}`] : []),
  ]
}

/** What somebody should do now. */
function nextInWords(incident: Incident, approval: ApprovalSettings): string {
  const suspended = suspendedNames(incident)
  if (incident.closed) {
    if (suspended) return `Resume ${suspended} by hand.`
    return leftOpen(incident).length > 0 ? 'See what is left open.' : 'Nothing is left to do here.'
  }
  const newest = incident.plans.at(-1)
  const ready = newest ? madeReady(incident, newest, approval) : null
  const prepare = ready && `${ready.label}, in the thread. Read there first what it would mean.`
  return (
    nextForPlan(incident) ?? nextForLeft(incident) ?? prepare ?? nextForStanding(incident, approval)
  )
}

/** What a plan that is under way asks of people; `null` where none is. */
function nextForPlan(incident: Incident): string | null {
  const state = leadingPlan(incident)
  if (!state || !isActive(state)) return null
  const { number, plan, run } = state
  const asked = peoplesTurn(state)
  if (asked) return `${asked}. Then press Done in the thread: plan ${number} waits for it.`
  if (run) return 'Wait. It can be stopped in the thread.'
  if (!plan) return 'Wait for the plan. It comes to the thread within seconds.'
  const missing = signaturesMissing(state, incident)
  if (!canBeRead(plan)) return `Deny plan ${number} in the thread: it is too long to be read whole.`
  if (missing === 0) return 'Wait. It begins by itself.'
  return `Read plan ${number} in the thread and sign it: ${counted(missing, 'more signature')}.`
}

/** What a plan has left is there until somebody decides; `null` where nothing is. */
function nextForLeft(incident: Incident): string | null {
  const standing = leftToDecide(incident)
  if (!standing) return null
  return `Decide in the thread, on the card of plan ${standing.plan}: it stays so until somebody does.`
}

function nextForStanding(incident: Incident, approval: ApprovalSettings): string {
  const standing = standingOf(incident)
  const newest = incident.plans.at(-1)
  switch (standing.kind) {
    case 'watched':
      return nextWatched(incident, standing.watch)
    case 'changed':
      return 'Check again in the thread: it says how production is now, what was left, and how to go on.'
    case 'assessed': {
      const nothing = newest?.ended && newest.ended.kind !== 'withdrawn'
      return nothing
        ? `Decide what to do instead: plan ${newest.number} was not carried out. The thread says why.`
        : nextAssessed(incident, standing.assessment, approval)
    }
    case 'looking':
      return 'Wait for the verdict.'
    case 'unmeasured':
      return 'Check again in the thread: nothing was measured yet.'
    case 'closed':
    case 'running':
      return 'Wait.'
    default:
      return standing satisfies never
  }
}

function nextAssessed(
  incident: Incident,
  assessment: Assessment,
  approval: ApprovalSettings,
): string {
  switch (assessment.decision) {
    case 'roll-back':
      if (assessment.recommended && !hasApprovers(approval)) {
        return 'Roll back by your runbook: nobody is named who could sign a plan here.'
      }
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

/** Production may become stable as it is, and still not be what was signed; `null`: the plan was carried out. */
function afterBrokenOff({ plans }: Incident, { plan }: Watch): string | null {
  const run = plans.find(({ number }) => number === plan)?.run ?? null
  if (run === null || hasDone(run)) return null
  return `Read in the thread how far plan ${plan} came, and decide. Production is watched meanwhile.`
}

function nextWatched(incident: Incident, watch: Watch): string {
  switch (watch.state) {
    case 'settling':
      if (watch.ended) return 'It never became stable. Look at it before closing.'
      return afterBrokenOff(incident, watch) ?? 'Wait until it is stable.'
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
