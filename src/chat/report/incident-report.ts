import { severityOf } from '../../domain/incident/declaration.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { lastedMs, milestones, servicesOf, timeSpent } from '../../domain/incident/milestones.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { StepState } from '../../domain/plan/run.ts'
import { inWords } from '../../domain/text/duration.ts'
import { answerInWords } from '../parts/answer-parts.ts'
import { signers } from '../parts/plan-words.ts'
import { OUTCOME_WORDS } from '../parts/run-words.ts'
import { suspendedNames } from '../parts/suspended.ts'
import { momentInWords } from '../parts/timeline.ts'
import { utcDayAndTime, utcTime } from '../../domain/text/utc.ts'
import { mention } from '../text/text.ts'
import { SEVERITY_WORDS } from '../text/words.ts'
import { chapter, fromSlack, line, plain, type Markdown } from './markdown.ts'

const OPEN = { markdown: '_To be filled in._' }

/**
 * The report of an incident, a Markdown document: what the journal knows is filled in, and what only people
 * know is left open and says so. Times are UTC.
 */
export function incidentReport(incident: Incident): string {
  const title = line`# Incident report: ${incident.declared?.title ?? incident.id}`
  return [
    title.markdown,
    '',
    ...chapter('Summary', summary(incident)),
    ...chapter('Timeline', [...moments(incident), ...everything(incident)]),
    ...chapter('Root cause', rootCause(incident)),
    ...chapter('Impact', impact(incident)),
    ...chapter('Resolution', resolution(incident)),
    ...chapter(
      'Approvals',
      incident.plans.flatMap((state) => approvals(state, incident)),
    ),
    ...chapter('Lessons learned', LESSONS),
    ...chapter('Action items', actionItems(incident)),
  ].join('\n')
}

function summary(incident: Incident): readonly Markdown[] {
  const { declared, lead, id, opened } = incident
  const environment = opened?.environment ?? null
  const { detected } = milestones(incident)
  const lasted = lastedMs(incident)
  const severity = severityOf(incident)
  const services = servicesOf(incident)
  const { people, machine } = timeSpent(incident)
  return [
    line`- **Incident:** ${id}${environment === null ? '' : line`, ${environment}`}`,
    line`- **Date:** ${detected === null ? 'not known' : utcDayAndTime(detected)}`,
    line`- **Duration:** ${lasted === null ? 'it is open' : inWords(lasted)}`,
    line`- **Severity:** ${severity ? SEVERITY_WORDS[severity] : 'not determined'}`,
    line`- **Services affected:** ${services.length > 0 ? services.join(', ') : 'none was named'}`,
    ...(declared ? [line`- **Declared by:** ${fromSlack(mention(declared.by))}`] : []),
    ...(lead ? [line`- **Lead:** ${fromSlack(mention(lead.by))}`] : []),
    ...(people + machine > 0
      ? [line`- **Waited for people:** ${inWords(people)}; **carried out in:** ${inWords(machine)}`]
      : []),
    ...(declared?.description ? [line`- **Reported:** ${plain(declared.description, 3000)}`] : []),
  ]
}

/** The runbook's moments, in its words. */
function moments(incident: Incident): readonly Markdown[] {
  const found = milestones(incident)
  const rows = [
    ['Issue first detected', found.detected],
    ['Team notified', found.declared],
    ['Rollback decision made', found.decided],
    ['Rollback initiated', found.begun],
    ['Services restored', found.stable],
    ['Incident resolved', found.closed],
  ] as const
  return [
    ...rows.map(([what, at]) => line`- ${at === null ? 'not recorded' : utcTime(at)} - ${what}`),
    line``,
  ]
}

/** Every moment of the journal. */
function everything(incident: Incident): readonly Markdown[] {
  return [
    line`| UTC | what happened |`,
    { markdown: '|---|---|' },
    ...incident.timeline.map(({ at, event }) => {
      const what = fromSlack(momentInWords(incident, event))
      return line`| ${at.slice(0, 10)} ${at.slice(11, 19)} | ${what} |`
    }),
  ]
}

/** The evidence for whoever answers it. */
function rootCause({ plans, assessment }: Incident): readonly Markdown[] {
  const changes = plans.flatMap(({ plan, run }) => (plan && run ? plan.changes : []))
  return [
    OPEN,
    line``,
    ...(assessment ? [line`- The last assessment: ${answerInWords(assessment)}`] : []),
    ...changes.map(({ what, from, to, details = [] }) => {
      const more = details.length > 0 ? line` (${details.join('; ')})` : ''
      return line`- Changed: ${what} from ${from} to ${to}${more}`
    }),
  ]
}

function impact({ plans }: Incident): readonly Markdown[] {
  const lost = plans.flatMap(({ plan, run }) => (plan && run ? [plan.lost] : []))
  return [
    line`- **Users affected:** ${OPEN}`,
    line`- **Data loss:** ${lost.length > 0 ? line`${lost.join(' ')} Whether anything else was lost: ${OPEN}` : OPEN}`,
    line`- **Revenue impact:** ${OPEN}`,
    line`- **SLA impact:** ${OPEN}`,
  ]
}

function resolution(incident: Incident): readonly Markdown[] {
  const carriedOut = incident.plans.filter(({ run }) => run !== null)
  if (carriedOut.length === 0) return [line`Backout carried out no plan. ${OPEN}`]
  return carriedOut.flatMap(({ number, plan, run }) => {
    const outcome = run?.ended ? OUTCOME_WORDS[run.ended.outcome] : 'is being carried out'
    const steps = (plan?.steps ?? []).map(({ title }, index) => {
      return line`    ${index + 1}. ${title}: ${stepInWords(run?.steps[index])}`
    })
    return [line`- Plan ${number}, ${plan?.title ?? ''}, ${outcome}.`, ...steps]
  })
}

function stepInWords(step: StepState | undefined): string {
  if (!step || step.kind === 'pending') return 'not begun'
  return step.says ?? 'under way'
}

function approvals(state: PlanState, incident: Incident): readonly Markdown[] {
  if (!state.plan || state.approvals.length === 0) return []
  const asked = fromSlack(mention(state.requestedBy))
  return [
    line`- Plan ${state.number}, asked for by ${asked}: signed by ${fromSlack(signers(state, incident))}, digest ${state.plan.digest.slice(0, 16)}`,
  ]
}

const LESSONS: readonly Markdown[] = ['What went well', 'What went wrong', 'What was lucky'].map(
  (question, index) => line`${index + 1}. ${question}: ${OPEN}`,
)

function actionItems(incident: Incident): readonly Markdown[] {
  const suspended = suspendedNames(incident)
  return [
    ...(suspended ? [line`- [ ] Resume ${suspended}, which Backout has suspended`] : []),
    ...[
      'Fix identified bug',
      'Add missing tests',
      'Update monitoring',
      'Update documentation',
      'Review deployment process',
    ].map((item) => line`- [ ] ${item}`),
  ]
}
