import type { Button } from '@slack/types'
import { incidentCan } from '../../domain/incident/incident-can.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { publicationOf } from '../../domain/incident/publication.ts'
import { StatusStage } from '../../domain/incident/status-page.ts'
import { stageNow } from '../../domain/incident/surfaces.ts'
import type { Drafted, StatusPost } from '../../domain/outbox/status-post.ts'
import type { View } from '../../domain/base/view.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { row } from '../parts/plan-actions.ts'
import { button, context, header, section, view } from '../parts/blocks.ts'
import { link } from '../text/links.ts'
import { clockTime } from '../text/moments.ts'
import { clipped, codeBlock, mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'
import { COMPONENT_WORDS, STAGE_WORDS } from '../text/words.ts'
import { statusDraft } from './status-draft.ts'

export type StatusPageShown = {
  readonly environment: string
  /** What would be published; left out where no status page is configured. */
  readonly drafted?: ((incident: Incident, stage: StatusStage) => Drafted) | undefined
}

/** What the status page should say now: one card that moves on. What was said before is a line each. */
export function statusPageCard(incident: Incident, shown: StatusPageShown): View {
  const stage = stageNow(incident)
  if (!stage) return view('Status page: nothing to say yet.', [section(trusted('*Status page*'))])
  const before = earlierStages(incident, stage)
  const { text, blocks } = statusStageCard(incident, stage, shown)
  return { text, blocks: [...blocks, ...(before.length > 0 ? [context(...before)] : [])] }
}

/** One stage of it: people publish the draft, change it or leave it. */
export function statusStageCard(
  incident: Incident,
  stage: StatusStage,
  shown: StatusPageShown,
): View {
  const prompt = incident.statusPage[stage]
  const name = STAGE_WORDS[stage]
  const publication = publicationOf(incident, stage)
  if (prompt?.decided) {
    const { decision } = prompt.decided
    const there = publication?.state.kind === 'delivered' ? publication.state.receipt.link : null
    const where = there === null ? trusted('') : mrk` ${link(there, 'Read it on the status page')}.`
    const text = publication?.publication.post.body ?? prompt.text
    return view(`Status page, ${name}: ${decision}.`, [
      section(mrk`*Status page, ${name}:* ${decidedLine(prompt.decided)}.${where}`),
      // A draft that nobody edited would be written anew with what is known by now.
      ...(text === null ? [] : [section(codeBlock(text))]),
    ])
  }
  const late = stageNow(incident) !== stage
  // A card of an older version stands for a stage that is over: nothing is published from there.
  const drafted = late ? undefined : shown.drafted?.(incident, stage)
  const sent = sentLines(incident, stage)
  const text = drafted?.post.body ?? prompt?.text ?? statusDraft(stage, incident, shown.environment)
  const { post } = drafted ?? {}
  return view(sent?.spoken ?? `Status page, ${name}: a draft is ready to be published.`, [
    header(`Status page: ${name}`),
    ...(late ? [section(trusted('*Out of date:* a later draft is below.'))] : []),
    ...(sent ? [section(...sent.lines)] : []),
    ...(post && !sent?.isUnderWay ? [section(...postLines(post))] : []),
    section(codeBlock(sent?.isUnderWay ? sent.text : text)),
    ...row(answers(incident, stage, { drafted, late })),
    ...(sent?.isUnderWay ? [] : [context(howTo(prompt?.text ?? null, drafted))]),
  ])
}

function decidedLine({ decision, by, at }: { decision: string; by: string; at: string }): Mrkdwn {
  return mrk`${decision} by ${mention(by)} at ${clockTime(at)}`
}

function howTo(edited: string | null, drafted: Drafted | undefined): Mrkdwn {
  const what = edited ? 'As a person left it.' : 'A draft.'
  return drafted
    ? mrk`${what} Publish puts exactly this on the status page. Approvers can press it, and those named under communication.publishers.`
    : mrk`${what} Nothing is published by Backout: publish it yourself, then say so here.`
}

/** What else goes with the text. */
function postLines({ title, status, impact, components }: StatusPost): readonly Mrkdwn[] {
  const marked = components.map(
    ({ service, state }) => mrk`${service}: ${COMPONENT_WORDS[state]}`.mrkdwn,
  )
  return [
    mrk`*${clipped(title, 250)}*`,
    mrk`Status: ${status}${impact === null ? '' : `, impact: ${impact}`}`,
    marked.length > 0
      ? mrk`Marked there: ${trusted(marked.join(', '))}`
      : trusted('No component is marked there'),
  ]
}

/** What has become of what somebody had published; `null`: nobody had. */
function sentLines(incident: Incident, stage: StatusStage) {
  const newest = publicationOf(incident, stage)
  if (!newest) return null
  const { publication, state } = newest
  const name = STAGE_WORDS[stage]
  const who = mrk`${mention(publication.by)} pressed Publish at ${clockTime(publication.at)}.`
  const text = publication.post.body
  switch (state.kind) {
    case 'under-way':
      return {
        isUnderWay: true,
        text,
        spoken: `Status page, ${name}: it is being published.`,
        lines: [
          mrk`⏳ *It is being published.* ${who}`,
          ...(state.failing === null
            ? []
            : [mrk`It could not be sent before: ${clipped(state.failing.because, 300)}.`]),
        ],
      }
    case 'waiting':
      return {
        isUnderWay: true,
        text,
        spoken: `Status page, ${name}: it could not be published yet, and is tried again.`,
        lines: [
          mrk`⏳ *It could not be published yet:* ${clipped(state.because, 400)}, since ${clockTime(state.since)}. ${who}`,
          trusted(
            'It is tried again by itself, less and less often. To publish it yourself instead, do so and say it here.',
          ),
        ],
      }
    case 'refused':
      return {
        isUnderWay: false,
        text,
        spoken: `Status page, ${name}: it was refused, and is not published.`,
        lines: [
          mrk`🚫 *Not published:* ${clipped(state.because, 400)}. ${who}`,
          trusted('Next: remove the cause, then press Publish again; or publish it yourself.'),
        ],
      }
    case 'unknown':
      return {
        isUnderWay: false,
        text,
        spoken: `Status page, ${name}: whether it is published is not known.`,
        lines: [
          mrk`❓ *Whether it is published is not known:* ${clipped(state.because, 400)}. ${who}`,
          trusted('Next: look at the status page, then say here whether it is there.'),
        ],
      }
    case 'delivered':
      return null
    default:
      return state satisfies never
  }
}

function answers(
  incident: Incident,
  stage: StatusStage,
  { drafted, late }: { readonly drafted: Drafted | undefined; readonly late: boolean },
): readonly Button[] {
  const value = `${incident.id}/${stage}`
  const kind = publicationOf(incident, stage)?.state.kind
  const style = late ? {} : { style: 'primary' as const }
  const publishes = drafted && incidentCan.publishStatus(incident, stage) === true
  const published = incidentCan.decideStatus(incident, stage, 'published') === true
  return [
    ...(kind === 'unknown'
      ? [button({ action: ACTIONS.statusPublished, label: 'It is there', value, ...style })]
      : []),
    ...(publishes ? [publish(`${value}/${drafted.digest}`, kind)] : []),
    ...(published && kind !== 'unknown' && (!drafted || kind)
      ? [
          button({
            action: ACTIONS.statusPublished,
            label: 'I have published it',
            value,
            ...(drafted ? {} : style),
          }),
        ]
      : []),
    ...(incidentCan.editStatus(incident, stage) === true
      ? [button({ action: ACTIONS.editStatus, label: 'Edit', value })]
      : []),
    ...(incidentCan.decideStatus(incident, stage, 'skipped') === true
      ? [button({ action: ACTIONS.statusSkipped, label: 'Skip', value })]
      : []),
  ]
}

function publish(value: string, kind: string | undefined): Button {
  const action = ACTIONS.publishStatus
  if (kind === undefined) return button({ action, label: 'Publish', value, style: 'primary' })
  if (kind !== 'unknown') return button({ action, label: 'Publish again', value, style: 'primary' })
  return button({
    action,
    label: 'Publish again',
    value,
    confirm: {
      title: 'Publish it again?',
      text: 'If it is on the status page already, it will be there twice. Look there first.',
      yes: 'Publish again',
    },
  })
}

/** What became of the drafts before this one. */
function earlierStages(incident: Incident, now: StatusStage): readonly Mrkdwn[] {
  const stages = StatusStage.options
  return stages.slice(0, stages.indexOf(now)).flatMap((stage) => {
    const prompt = incident.statusPage[stage]
    if (!prompt) return []
    const name = STAGE_WORDS[stage]
    if (prompt.decided) return [mrk`Before, ${name}: ${decidedLine(prompt.decided)}`]
    const kind = publicationOf(incident, stage)?.state.kind
    return [mrk`Before, ${name}: ${kind ? LEFT[kind] : 'nobody said that it was published'}`]
  })
}

const LEFT = {
  'under-way': 'is being published',
  waiting: 'could not be published yet, and is tried again',
  delivered: 'published',
  refused: 'was refused, and is not published',
  unknown: 'whether it was published is not known',
} as const
