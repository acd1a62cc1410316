import { leftOpenLines } from '../parts/left-open-lines.ts'
import { canBeRead } from '../../domain/plan/readable.ts'
import type { Button } from '@slack/types'
import type { Actor } from '../../domain/base/actor.ts'
import type { Event } from '../../domain/incident/event.ts'
import type { ApprovalSettings } from '../../domain/plan/gate.ts'
import { leadingPlan, type Incident } from '../../domain/incident/incident.ts'
import type { StatusStage } from '../../domain/incident/status-page.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { View } from '../../domain/base/view.ts'
import { section, view } from '../parts/blocks.ts'
import { holderInWords, holderTitle } from '../parts/holder-words.ts'
import { noteButtons } from '../parts/next-buttons.ts'
import { MOST_CALLED, nextOf, peopleAsked, turned } from '../parts/note-words.ts'
import { row } from '../parts/plan-actions.ts'
import { checkpointLines } from '../text/checkpoint-words.ts'
import { STAGE_WORDS } from '../text/words.ts'
import type { Contacts } from '../text/contacts.ts'
import { call, clipped, mention, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'
import {
  differenceLines,
  replacing,
  signatures,
  signaturesMissing,
  signedInWords,
  titleOfPlan,
  whoCanSign,
} from '../parts/plan-words.ts'
import { progressLine } from '../parts/plan-progress.ts'
import { reportMissedLines } from '../parts/report-missed-lines.ts'
import { outcomeLines, OUTCOME_SIGNS, OUTCOME_WORDS } from '../parts/run-words.ts'

type NoteContext = {
  readonly open: () => readonly Incident[]
  readonly approval: ApprovalSettings
  readonly contacts: Contacts
}

/**
 * What people have to notice, in a message of its own. Said once and never edited: what it offers is
 * what may be done when it is said.
 */
export function note(incident: Incident, sequence: number, shown: NoteContext): View {
  const event = incident.timeline.find((moment) => moment.sequence === sequence)?.event
  const buttons = event ? noteButtons(incident, event, shown.approval) : []
  const [first, ...more] = event ? noteLines(incident, event, buttons, shown) : []
  return view(first ?? 'Something happened.', [
    section(first ?? trusted('Something happened.'), ...more),
    ...row(buttons),
  ])
}

/** The first line is what a notification says: a whole sentence. */
function noteLines(
  incident: Incident,
  event: Event,
  buttons: readonly Button[],
  shown: NoteContext,
): readonly Mrkdwn[] {
  switch (event.type) {
    case 'backout-restarted':
      return [restarted(incident)]
    case 'signatures-missing':
      return missing(incident, incident.plans[event.plan - 1], event.call, shown.approval)
    case 'plan-voided': {
      const newer = replacing(incident, event.plan)
      const next = newer
        ? mrk`Next: read and sign plan ${newer.number}, which fits production as it is now.`
        : nextOf(buttons, 'plan again. It looks at production as it is then.')
      return [
        mrk`🚫 Plan ${event.plan} is void, and every signature with it. Nothing was written.`,
        ...differenceLines(event.because),
        next,
      ]
    }
    case 'plan-infeasible':
      return [
        mrk`🚫 Plan ${event.plan} is not possible now: ${clipped(event.because, 600)}.`,
        trusted('Nothing was written.'),
        nextOf(buttons, 'remove the cause, then plan again; or work by the runbook.'),
      ]
    case 'lead-taken':
      return [
        mrk`🧭 ${mention(event.by)} leads this incident from here on${event.from === undefined ? '' : mrk`, after ${call(event.from)}`}.`,
      ]
    case 'incident-reopened':
      return [
        mrk`🔁 ${mention(event.by)} reopened this incident. Production is assessed anew; the verdict stands in this thread.`,
      ]
    case 'fix-deployed':
      return fixed(incident, event.by)
    case 'plan-withdrawn':
      return withdrawn(incident, incident.plans[event.plan - 1], event.by)
    case 'run-held':
      return held(event, incident, shown.open())
    case 'people-asked':
      return peopleAsked(incident, event)
    case 'run-ended':
      return ended(incident, incident.plans[event.plan - 1])
    case 'report-missed':
      return reportMissedLines(incident)
    case 'watch-turned':
      return turned(event, buttons, shown.contacts)
    case 'checkpoint-taken':
      return checkpointLines(event.checkpoint)
    case 'status-overdue':
      return overdue(event.stage)
    default:
      return []
  }
}

function restarted(incident: Incident): Mrkdwn {
  const progress = progressLine(incident, 300)
  return progress === null
    ? trusted('🔁 Backout was restarted and carries on where it was.')
    : mrk`🔁 Backout was restarted and carries on. ${progress}.`
}

/** What people may deploy again, and what still is not as it was. */
function fixed(incident: Incident, by: Actor): readonly Mrkdwn[] {
  const left = leftOpenLines(incident)
  return [
    mrk`🏁 ${mention(by)} says that a fixed version runs. What was rolled back from is not locked for pipelines any more.`,
    ...(left.length > 0
      ? [trusted('*Still open*'), ...left]
      : [trusted('Backout knows of nothing that is left open.')]),
  ]
}

/** Calls those whose signatures are lost. */
function withdrawn(incident: Incident, state: PlanState | undefined, by: Actor): readonly Mrkdwn[] {
  if (!state) return []
  const names = signatures(state, incident).map((signature) => call(signature.by).mrkdwn)
  const whom = trusted(names.slice(0, MOST_CALLED).join(' '))
  const newer = leadingPlan(incident)
  const next =
    incident.closed || !newer || newer.number <= state.number
      ? trusted('The incident was closed. Nothing of the plan was carried out.')
      : mrk`Next: read plan ${newer.number} in this thread, which took its place.`
  return [
    mrk`↩️ ${whom} Plan ${state.number}, which you signed, was withdrawn by ${mention(by)}: ${clipped(titleOfPlan(state), 200)}.`,
    next,
  ]
}

/** Calls those who can still sign; the card says what. */
function missing(
  incident: Incident,
  state: PlanState | undefined,
  times: number,
  approval: ApprovalSettings,
): readonly Mrkdwn[] {
  if (!state?.plan) return []
  const configured = approval.escalation[times - 1]?.tell ?? []
  const names = whoCanSign(state, incident, approval, configured)
    .slice(0, MOST_CALLED)
    .map((whom) => call(whom).mrkdwn)
  const whom = names.length > 0 ? mrk`${trusted(names.join(' '))} ` : trusted('')
  const wanted = signaturesMissing(state, incident)
  if (wanted === 0) return [mrk`Plan ${state.number} is signed by all.`]
  const title = titleOfPlan(state)
  return [
    mrk`🔔 ${whom}Plan ${state.number} waits for a signature: ${signedInWords(state, incident)}. ${clipped(title, 200)}.`,
    mrk`*What is lost:* ${oneLine(state.plan.lost, 330)}`,
    trusted(
      canBeRead(state.plan)
        ? 'Next: read its card in this thread, then approve or deny it, there or here.'
        : 'Next: deny it, there or here. It is too long to be read whole, so nobody can sign it.',
    ),
  ]
}

function overdue(stage: StatusStage): readonly Mrkdwn[] {
  return [
    mrk`📣 The status page is older than the state: nobody has said what becomes of the draft “${STAGE_WORDS[stage]}”.`,
    trusted('Next: publish it, change it or skip it, on its card in this thread.'),
  ]
}

function held(
  { plan, by: incident, byPlan }: Extract<Event, { type: 'run-held' }>,
  here: Incident,
  open: readonly Incident[],
): readonly Mrkdwn[] {
  const by = { incident, plan: byPlan ?? null }
  const name = holderTitle(by, here, open)
  return [
    mrk`⏳ Plan ${plan} is signed, and waits for ${clipped(holderInWords(by, here), 100)}${name}.`,
    trusted(
      'It writes to the same target now. Afterwards the plan begins by itself, if its signatures still hold.',
    ),
  ]
}

function ended(incident: Incident, state: PlanState | undefined): readonly Mrkdwn[] {
  if (!state?.run?.ended) return []
  const { outcome } = state.run.ended
  const words = OUTCOME_WORDS[outcome]
  return [
    mrk`${trusted(OUTCOME_SIGNS[outcome])} Plan ${state.number} ${words}: ${clipped(titleOfPlan(state), 200)}.`,
    ...outcomeLines(state, incident),
  ]
}
