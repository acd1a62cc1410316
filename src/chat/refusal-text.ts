import type { Refusal, RefusalReason } from '../domain/refusal.ts'
import { COMMAND } from './commands.ts'
import { channelLink, mrk, oneLine, trusted, type Mrkdwn } from './text.ts'

/**
 * What happened, and what to do now. `detail` is whatever the refusing side wrote: for the two about
 * channels the ids of the right ones, for the three about commands whole sentences.
 */
const TEXTS = {
  'wrong-channel': (detail) =>
    mrk`Backout does not work in this channel. Nothing was done. Go to ${channels(detail)} and ask again there.`,
  'direct-message': (detail) =>
    mrk`Backout does not work in direct messages, because a team must see what happens. Nothing was done. Go to ${channels(detail)} and ask again there.`,
  'bot-not-in-channel': () =>
    trusted(
      'Backout is not a member of this channel, so it cannot post the answer. Type /invite @Backout. The answer then comes by itself.',
    ),
  'cannot-post': (detail) =>
    mrk`Slack does not take the card: ${detail ?? 'it did not say why'}. It is tried again, later and later.`,
  guest: () =>
    trusted('Guests cannot do this. Nothing was done. Ask a full member of the workspace.'),
  'bot-account': () =>
    trusted('Bots and workflows cannot do this. Nothing was done. A person has to ask.'),
  'external-user': () =>
    trusted(
      'People of another company cannot do this. Nothing was done. Ask a member of this workspace.',
    ),
  deactivated: () =>
    trusted(
      'This account is deactivated. Nothing was done. Ask an active member of the workspace.',
    ),
  'person-unknown': () =>
    trusted(
      'Slack did not say who you are, so your rights could not be checked. Nothing was done. Try again in a moment.',
    ),
  'incident-unknown': (detail) =>
    mrk`There is no incident${detail === null ? '' : ` ${short(detail)}`}. Type ${COMMAND} history to see which there are.`,
  'incident-closed': () =>
    trusted(
      `This incident is closed, so nothing was changed. For a new look at production type ${COMMAND} assess.`,
    ),
  'already-declared': () =>
    trusted(
      'This incident is already declared. Nothing was done twice. Go on in the thread of its headline.',
    ),
  'not-declared': () =>
    trusted(
      'This incident is not declared, so there is nothing to close. An assessment needs no closing.',
    ),
  'already-reported': () =>
    trusted('This symptom is already reported, and it counts. You need not do anything.'),
  'nothing-typed': () =>
    trusted(`Nothing was typed, so nothing was done. Type ${COMMAND} help to see what there is.`),
  'unknown-subcommand': (detail) =>
    mrk`Nothing was done. ${detail ?? 'There is no such command.'}${seeHelp(detail)}`,
  'bad-arguments': (detail) =>
    mrk`Nothing was done. ${detail ?? 'The command does not take this.'}${seeHelp(detail)}`,
  'unknown-service': (detail) =>
    mrk`Nothing was done. ${detail ?? 'There is no such service.'}${seeHelp(detail)}`,
  'form-needs-command': () =>
    trusted(
      `Slack opens a form only from a slash command or a button, so nothing was done. Type ${COMMAND} start in the channel, outside of threads.`,
    ),
  'form-not-opened': () =>
    trusted(
      `Slack did not open the form. Nothing was done and nothing is lost. Type ${COMMAND} start again.`,
    ),
  'stale-card': () =>
    trusted(
      'This card is old, and things have changed since. Nothing was done. Use the newest card of the incident.',
    ),
  restarting: () => trusted('Backout is restarting. Nothing was done. Try again in a minute.'),
  'journal-unavailable': (detail) =>
    mrk`Backout cannot write its journal${detail === null ? '' : ` (${short(detail)})`}, so it does nothing. Work by the runbook, and have somebody look at the machine Backout runs on.`,
} satisfies Record<RefusalReason, (detail: string | null) => Mrkdwn>

/** Why not, in full sentences. The only place where a refusal becomes words. */
export function refusalText({ reason, detail }: Refusal): Mrkdwn {
  return TEXTS[reason](oneLine(detail ?? '', 300) || null)
}

function channels(detail: string | null): Mrkdwn {
  const ids = detail?.match(/\b[CG][A-Z0-9]{2,}\b/g) ?? []
  if (ids.length === 0) return trusted('the incident channel')
  return trusted(ids.map((id) => channelLink(id).mrkdwn).join(' or '))
}

function short(detail: string): string {
  return oneLine(detail, 200)
}

function seeHelp(detail: string | null): string {
  return detail === null ? ` Type ${COMMAND} help to see what there is.` : ''
}
