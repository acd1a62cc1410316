import type { KnownBlock } from '@slack/types'
import type { ChecklistItem } from '../../domain/incident/checklist.ts'
import { severityOf } from '../../domain/incident/declaration.ts'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import { messageOf, type Incident } from '../../domain/incident/incident.ts'
import { StatusStage } from '../../domain/incident/status-page.ts'
import { stageNow } from '../../domain/incident/surfaces.ts'
import { wantsEvidence } from '../../domain/plan/plan-state.ts'
import type { View } from '../../domain/base/view.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { calledInWords } from '../parts/page-lines.ts'
import { button, context, header, section, view } from '../parts/blocks.ts'
import { letters, type LetterDrafts } from './letter-blocks.ts'
import type { Contacts } from '../text/contacts.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { ITEM_WORDS, SEVERITY_WORDS } from '../text/words.ts'
import { contactLine } from '../answers/contacts.ts'

type Item = {
  readonly title: string
  readonly state: 'done' | 'open' | 'failed' | 'not-needed'
  /** Who did it and when, or what it waits for. */
  readonly says: Mrkdwn
  /** What a person ticks, as long as it is wanted. */
  readonly tick?: ChecklistItem
}

const SIGNS: Record<Item['state'], string> = {
  done: '✅',
  open: '⬜',
  failed: '⚠️',
  'not-needed': '➖',
}

const MOST_CONTACTS = 3

/** The runbook's pre-rollback checklist: Backout does what it can, people tick the rest. */
export function checklist(
  incident: Incident,
  contacts: Contacts,
  environment: string,
  drafts?: LetterDrafts,
): View {
  const items = itemsOf(incident)
  const open = items.filter(({ state }) => state === 'open' || state === 'failed')
  const done = items.length - open.length
  const left = open.length > 0 ? ` Open: ${open.map(({ title }) => title).join(', ')}.` : ''
  const onCall = incident.ticked['on-call-alerted'] ? [] : contacts.onCall.slice(0, MOST_CONTACTS)
  return view(`Pre-rollback checklist: ${done} of ${items.length}.${left}`, [
    header(`Before the rollback: ${done} of ${items.length}`),
    ...items.map((item) => itemBlock(incident, item)),
    ...(onCall.length > 0 ? [context(trusted('*On call*'), ...onCall.map(contactLine))] : []),
    ...letters(incident, { contacts, environment, drafts }),
  ])
}

function itemBlock(incident: Incident, { title, state, says, tick }: Item): KnownBlock {
  const line = section(mrk`${trusted(SIGNS[state])} ${title}: ${says}`)
  if (!tick || incidentCan.tick(incident, tick) !== true) return line
  const value = `${incident.id}/${tick}`
  return { ...line, accessory: button({ action: ACTIONS.tick, label: 'Done', value }) }
}

/** In the runbook's order. */
function itemsOf(incident: Incident): readonly Item[] {
  return [
    assessed(incident),
    onCallAlerted(incident),
    statusPage(incident),
    customers(incident),
    posted(incident),
    ...kept(incident),
    documented(incident),
  ]
}

function assessed({ assessment, assessmentDueSince }: Incident): Item {
  const title = 'Assess the situation'
  if (assessment) return { title, state: 'done', says: byBackout(assessment.at) }
  const says = assessmentDueSince
    ? mrk`Backout is looking since ${clockTime(assessmentDueSince)}…`
    : trusted('not asked for yet')
  return { title, state: 'open', says }
}

function byPeople({ ticked }: Incident, item: ChecklistItem): Item {
  const title = ITEM_WORDS[item]
  const tick = ticked[item]
  return tick
    ? { title, state: 'done', says: mrk`${mention(tick.by)}, ${clockTime(tick.at)}` }
    : { title, state: 'open', says: trusted('a person does it'), tick: item }
}

/** That a pager took the call is no tick: whether anybody has heard it a person says. */
function onCallAlerted(incident: Incident): Item {
  const item = byPeople(incident, 'on-call-alerted')
  const called = item.state === 'done' ? null : calledInWords(incident)
  return called ? { ...item, says: mrk`${called}. Tick it once somebody has answered.` } : item
}

function statusPage(incident: Incident): Item {
  const title = 'Update the status page'
  const all = StatusStage.options.map((stage) => incident.statusPage[stage]?.decided ?? null)
  // Whatever it says there: people know.
  const decided = all.findLast((one) => one?.decision === 'published') ?? all[0]
  if (!decided) {
    // Its card moves on with the incident.
    const overtaken = stageNow(incident) !== 'investigating'
    const where = overtaken ? 'nobody said that it was published' : 'the draft is in this thread'
    return { title, state: 'open', says: trusted(where) }
  }
  const says = mrk`${decided.decision} by ${mention(decided.by)}, ${clockTime(decided.at)}`
  return { title, state: decided.decision === 'published' ? 'done' : 'not-needed', says }
}

/** Only a critical incident is told to key customers; while nobody knows, it stays open. */
function customers(incident: Incident): Item {
  const severity = severityOf(incident)
  const item = byPeople(incident, 'customers-told')
  if (item.state === 'done' || severity === 'critical') return item
  return severity
    ? {
        title: item.title,
        state: 'not-needed',
        says: mrk`only if critical; this is ${SEVERITY_WORDS[severity]}`,
      }
    : { ...item, says: trusted('if it is critical, which is not known yet') }
}

function posted(incident: Incident): Item {
  const title = 'Post in the incident channel'
  const headline = messageOf(incident, 'headline')
  return headline?.kind === 'delivered'
    ? { title, state: 'done', says: byBackout(headline.at) }
    : { title, state: 'open', says: trusted('Backout is posting…') }
}

/** One collection keeps both. */
function kept({ plans }: Incident): readonly Item[] {
  const logs = { title: 'Save current logs' }
  const metrics = { title: 'Capture a metrics snapshot' }
  const state = plans.findLast(wantsEvidence)
  if (state?.run && !state.evidence) {
    const says = mrk`not kept when plan ${state.number} began`
    return [logs, metrics].map((item) => ({ ...item, state: 'failed' as const, says }))
  }
  if (!state?.evidence) {
    const under = state?.plan && !state.ended
    const says = trusted(under ? 'Backout is collecting…' : 'Backout does it with the next plan')
    return [logs, metrics].map((item) => ({ ...item, state: 'open' as const, says }))
  }
  const { ok, says, at } = state.evidence
  return ok
    ? [
        { ...logs, state: 'done', says: mrk`${byBackout(at)}: ${clipped(says, 300)}` },
        { ...metrics, state: 'done', says: mrk`${byBackout(at)}, with the logs` },
      ]
    : [
        {
          ...logs,
          state: 'failed',
          says: mrk`not all of it, ${clockTime(at)}: ${clipped(says, 300)}`,
        },
        { ...metrics, state: 'failed', says: trusted('collected with the logs: see there') },
      ]
}

function documented({ declared, opened }: Incident): Item {
  const title = 'Document the issue'
  const since = declared?.at ?? opened?.at
  if (!since) return { title, state: 'open', says: trusted('not begun') }
  const described = declared?.description ? ', with a description' : ''
  return {
    title,
    state: 'done',
    says: mrk`Backout’s journal since ${clockTime(since)}${described}`,
  }
}

function byBackout(at: string): Mrkdwn {
  return mrk`Backout, ${clockTime(at)}`
}
