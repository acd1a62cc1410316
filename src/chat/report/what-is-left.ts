import type { Incident } from '../../domain/incident/incident.ts'
import { leftOpen, type LeftOpen } from '../../domain/incident/left-open.ts'
import { milestones, timeSpent } from '../../domain/incident/milestones.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { Plan } from '../../domain/plan/plan.ts'
import { hasDone, mayHaveWritten } from '../../domain/plan/run.ts'
import { inWords } from '../../domain/text/duration.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { answerInWords } from '../parts/answer-parts.ts'
import { changeCells } from '../parts/change-lines.ts'
import { mention } from '../text/text.ts'
import { ITEM_WORDS, STAGE_WORDS, WATCH_WORDS } from '../text/words.ts'
import {
  fromSlack,
  list,
  open,
  said,
  TO_BE_FILLED_IN,
  words,
  type Block,
  type Said,
  type Task,
} from './contents.ts'

/** A question for people, and what there is to answer it with. */
function question(title: string, evidence: readonly Said[]): readonly Block[] {
  return [{ kind: 'heading', title }, { kind: 'words', said: TO_BE_FILLED_IN }, ...list(evidence)]
}

export function rootCause(incident: Incident): readonly Block[] {
  const { plans, assessment } = incident
  const changed = plans.flatMap(({ plan, run }): readonly Said[] => {
    if (!plan || !run) return []
    if (hasDone(run)) return plan.changes.map((change) => said`Changed: ${inOneLine(change)}`)
    if (!mayHaveWritten(run)) return []
    return plan.changes.map((one) => said`May have been changed in part: ${inOneLine(one)}`)
  })
  const newest = (assessment?.changes ?? []).map((change) => {
    const [what = '', since = '', by = ''] = changeCells(change, assessment?.at ?? '')
    return said`The newest change of ${change.service}: ${what}, ${since}, by ${by}`
  })
  return [
    ...question('What caused it?', [
      ...(assessment
        ? [
            said`The last assessment, at ${utcDayAndTime(assessment.at)}: ${answerInWords(assessment)}`,
          ]
        : []),
      ...newest,
      ...changed,
    ]),
    ...question('Why was it not found before it reached production?', []),
  ]
}

function inOneLine({ what, from, to, details = [] }: Plan['changes'][number]): Said {
  const more = details.length > 0 ? said` (${words(details.join('; '), 1000)})` : ''
  return said`${what} from ${from} to ${to}${more}`
}

/** What the journal can say to each question; the answer is for people. */
export function lessons(incident: Incident): readonly Block[] {
  const { detected, declared, stable } = milestones(incident)
  const { people, machine } = timeSpent(incident)
  const well = [
    ...(machine > 0 ? [said`The plans were carried out in ${inWords(machine)}.`] : []),
    ...(detected !== null && stable !== null
      ? [said`A watch saw production stable ${between(detected, stable)} after it was detected.`]
      : []),
  ]
  const wrong = [
    ...incident.timeline.flatMap(({ event }): Said[] => {
      if (event.type !== 'step-failed') return []
      return [said`A step failed, in plan ${event.plan}: ${event.says}`]
    }),
    ...(detected !== null && declared !== null && declared !== detected
      ? [said`It was declared ${between(detected, declared)} after it was detected.`]
      : []),
    ...(people > 0 ? [said`Plans waited ${inWords(people)} for people.`] : []),
  ]
  return [
    ...question('What went well?', well),
    ...question('What went wrong?', wrong.slice(0, 20)),
    ...question('What was lucky?', []),
  ]
}

function between(from: string, to: string): string {
  return inWords(toMs(to) - toMs(from))
}

function task(what: Said, owner: Said = open('to be named')): Task {
  return { what, owner }
}

/** The runbook's five, after what is not as it should stay. */
export function actionItems(incident: Incident): readonly Block[] {
  const tasks = [
    ...leftOpen(incident).flatMap(taskOf),
    ...publication(incident),
    ...[
      'Fix identified bug',
      'Add missing tests',
      'Update monitoring',
      'Update documentation',
      'Review deployment process',
    ].map((item) => task(words(item))),
  ]
  return [{ kind: 'tasks', tasks }]
}

function taskOf(left: LeftOpen): readonly Task[] {
  switch (left.what) {
    case 'maintenance':
      return [task(said`Turn maintenance off, which plan ${left.plan} turned on`)]
    case 'suspended':
      return [task(said`Resume ${left.owner}, which plan ${left.plan} suspended`)]
    case 'watch':
      return left.state === 'stable'
        ? []
        : [task(said`Look at production: the last watch saw it ${WATCH_WORDS[left.state]}`)]
    case 'status-page':
      return [task(said`Tell the status page: ${STAGE_WORDS[left.stage]}`)]
    case 'checklist':
      return [task(words(ITEM_WORDS[left.item]))]
    case 'deploy-lock':
      return [
        task(
          said`Deploy a fixed version: the one that plan ${left.plan} rolled back from is locked`,
        ),
      ]
    case 'kept':
      return [task(said`Tidy up, once no way back is needed: plan ${left.plan} kept ${left.kept}`)]
    case 'verification':
      return left.titles.map((title) => task(said`Verify: ${title}`))
    // It is withdrawn with the incident.
    case 'plan':
      return []
    default:
      return left satisfies never
  }
}

/** The status page promised it, and somebody may have taken it on. */
function publication(incident: Incident): readonly Task[] {
  const { closed, report, statusPage } = incident
  const promised = statusPage.resolved?.decided?.decision === 'published'
  const writer = closed?.closing?.reportBy
  if (report.published || (!promised && writer === undefined)) return []
  const what = words('Publish the report')
  return [writer === undefined ? task(what) : task(what, fromSlack(mention(writer)))]
}
