import type { HomeView, KnownBlock } from '@slack/types'
import { isOpen, type Incident } from '../../domain/incident/incident.ts'
import type { Refusal } from '../../domain/base/refusal.ts'
import type { Reading } from '../../domain/readiness/readiness.ts'
import { METRICS } from '../../domain/text/product-names.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { actions, button, context, divider, header, listed, section } from '../parts/blocks.ts'
import { COMMAND } from '../reading/commands.ts'
import { refusalText } from '../text/refusal-text.ts'
import { dayAndTime } from '../text/moments.ts'
import {
  channelLink,
  counted,
  lines,
  mrk,
  namesUpTo,
  oneLine,
  trusted,
  type Mrkdwn,
} from '../text/text.ts'
import { checkedLine, readinessSentence, wayLine, worstFirst } from '../parts/readiness-lines.ts'
import { standingSentence, standingSign } from '../parts/standing-words.ts'
import { link } from '../text/links.ts'
import { notShown, planLine, stateOf, titleOf } from './status.ts'

/** What the metrics said about their targets when the page was made. */
export type TargetCount =
  | {
      readonly kind: 'known'
      readonly up: number
      readonly all: number
      readonly down: readonly string[]
    }
  | { readonly kind: 'unknown'; readonly because: string }
  | { readonly kind: 'asking' }

/** What the App Home shows of one environment. */
export type EnvironmentHome = {
  readonly environment: string
  readonly open: readonly Incident[]
  /** Incidents that this process cannot read; left out: none. */
  readonly unreadable?: readonly string[]
  readonly targets: TargetCount
  /** Where each incident's thread opens. */
  readonly links?: ReadonlyMap<string, string>
  /** Whether the ways back would work; `null`: nobody has looked yet. Left out: nobody looks. */
  readonly readiness?: { readonly reading: Reading | null; readonly nowMs: number }
}

/** A person's App Home: is anything wrong, and is Backout able to see. */
export function homeView(environments: readonly EnvironmentHome[]): HomeView {
  const [only, ...others] = environments
  const room = Math.floor(INCIDENTS_ROOM / environments.length)
  const shown =
    only && others.length === 0 ? whole(only) : environments.flatMap((home) => brief(home, room))
  return {
    type: 'home',
    blocks: [
      ...shown.slice(0, MOST_BLOCKS),
      ...(shown.length > MOST_BLOCKS ? [context(trusted('The rest does not fit here.'))] : []),
      actions(button({ action: ACTIONS.refreshHome, label: 'Refresh', value: 'home' })),
      context(
        mrk`Something wrong? Type ${COMMAND} assess in the incident channel. All commands: ${COMMAND} help.`,
      ),
    ],
  }
}

/** Slack shows a hundred blocks; three are below them. */
const MOST_BLOCKS = 97

function whole(home: EnvironmentHome): readonly KnownBlock[] {
  return [
    header(`Backout: ${oneLine(home.environment, 60)}`),
    section(...openLines(home)),
    ...incidentsOf(home),
    ...(home.readiness ? readinessBlocks(home.readiness) : []),
    divider(),
    section(trusted('*What can be measured*'), targetLine(home.targets)),
  ]
}

/** One of several: in a line each what the other shows in full. */
function brief(home: EnvironmentHome, room: number): readonly KnownBlock[] {
  const { readiness } = home
  const ways = readiness?.reading
    ? [mrk`Would each way back work? ${readinessSentence(readiness.reading)}`]
    : []
  return [
    header(`Backout: ${oneLine(home.environment, 60)}`),
    section(...openLines(home), ...ways, targetLine(home.targets)),
    ...incidentsOf(home, room),
  ]
}

function openLines({ open, unreadable = [] }: EnvironmentHome): readonly Mrkdwn[] {
  const { length } = open.filter(isOpen)
  const missing = unreadable.length === 0 ? [] : [notShown(unreadable)]
  if (length > 0) return [mrk`*${counted(length, 'incident')} open.*`, ...missing]
  return missing.length > 0 ? missing : [trusted('*No incident is open.*')]
}

/** All of several environments together. */
const INCIDENTS_ROOM = 20_000

function incidentsOf({ open, links }: EnvironmentHome, room?: number): readonly KnownBlock[] {
  const entries = open
    .filter(isOpen)
    .map((incident) => entry(incident, links?.get(incident.id) ?? null))
  return listed(entries, {
    apart: true,
    leftOut: (count) => `${counted(count, 'more open incident')} did not fit here.`,
    ...(room === undefined ? {} : { room }),
  })
}

/** As it was found last: opening the page asks nothing. */
function readinessBlocks({
  reading,
  nowMs,
}: {
  readonly reading: Reading | null
  readonly nowMs: number
}): readonly KnownBlock[] {
  const title = trusted('*Would each way back work?*')
  if (!reading) return [divider(), section(title, trusted('Not known: nobody has looked yet.'))]
  return [
    divider(),
    section(title, mrk`${readinessSentence(reading)}`),
    ...listed(worstFirst(reading.waysBack).map(wayLine), {
      room: READINESS_ROOM,
      leftOut: (count) => `${counted(count, 'more way', 'more ways')} back did not fit here.`,
    }),
    context(checkedLine(reading, nowMs)),
  ]
}

/** The incidents come first. */
const READINESS_ROOM = 4_000

function entry(incident: Incident, url: string | null): Mrkdwn {
  const { declared, id } = incident
  return lines([
    mrk`${trusted(standingSign(incident))} *${titleOf(incident)}*`,
    mrk`Now: ${standingSentence(incident)}`,
    declared
      ? mrk`${stateOf(incident)}, since ${dayAndTime(declared.at)}, in ${channelLink(declared.channel)} (${oneLine(id, 100)})`
      : mrk`${oneLine(id, 100)}`,
    ...planLine(incident),
    ...(url === null ? [] : [mrk`${link(url, 'Open its thread')}`]),
  ])
}

function targetLine(targets: TargetCount): Mrkdwn {
  switch (targets.kind) {
    case 'asking':
      return mrk`Asking ${METRICS} for its targets…`
    case 'unknown':
      return mrk`Not known: ${oneLine(targets.because, 300)}.`
    case 'known': {
      const { up, all, down } = targets
      if (all === 0) return mrk`${METRICS} has no targets, so it measures nothing.`
      if (down.length === 0 && up >= all) {
        return mrk`${all === 1 ? 'The only' : `All ${all}`} ${METRICS} ${all === 1 ? 'target is' : 'targets are'} up.`
      }
      const named = down.length > 0 ? ` Down: ${namesUpTo(10, down)}.` : ''
      return mrk`${up} of ${all} ${METRICS} targets are up.${named}`
    }
    default:
      return targets satisfies never
  }
}

/** What somebody sees who may do nothing here: the reason, and nothing of production. */
export function refusedHomeView(refusal: Refusal): HomeView {
  return { type: 'home', blocks: [section(refusalText(refusal))] }
}
