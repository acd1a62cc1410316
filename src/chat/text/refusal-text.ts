import type { Refusal, RefusalReason } from '../../domain/base/refusal.ts'
import { COMMAND } from '../reading/commands.ts'
import { channelLink, mrk, oneLine, trusted, type Mrkdwn } from './text.ts'

/**
 * What happened, and what to do now. `detail` is whatever the refusing side wrote: for the two about
 * channels the ids of the right ones, for the three about commands whole sentences, for the one about
 * several incidents their names.
 */
const TEXTS = {
  'wrong-channel': (detail) =>
    mrk`Backout does not work in this channel. Nothing was done. Go to ${channels(detail)} and ask again there.`,
  'direct-message': (detail) =>
    mrk`Backout does not work in direct messages, because a team must see what happens. Nothing was done. Go to ${channels(detail)} and ask again there.`,
  'no-drill': () =>
    mrk`No drill is running, so nothing was done. This channel is for drills alone. Type ${COMMAND} drill to see which there are, and ${COMMAND} drill any to start one.`,
  'bot-not-in-channel': () =>
    trusted(
      'Backout is not a member of this channel, so it cannot post the answer. Type /invite @Backout. The answer then comes by itself.',
    ),
  'cannot-post': (detail) =>
    mrk`Slack does not take the card: ${detail ?? 'it did not say why'}. Backout tries again by itself, less and less often. Until then ${COMMAND} status says where the incident stands.`,
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
  'not-closed': () =>
    trusted('This incident is open, so there is nothing to reopen. Go on in its thread.'),
  'nothing-rolled-back': () =>
    trusted(
      'Nothing was rolled back in this incident, so no version waits for a fixed one. You need not do anything.',
    ),
  'fix-deployed-already': () =>
    trusted(
      'Somebody has said so already: the incident’s timeline shows who. You need not do anything.',
    ),
  'already-declared': () =>
    trusted(
      'This incident is already declared. Nothing was done twice. Go on in its thread in the incident channel.',
    ),
  'not-declared': () =>
    trusted(
      `No incident is declared here, and this needs one. Nothing was done. Press Declare incident on the card, or type ${COMMAND} start.`,
    ),
  'already-reported': () =>
    trusted('This symptom is already reported, and it counts. You need not do anything.'),
  'leads-already': () =>
    trusted('You lead this incident already: its headline says so. You need not do anything.'),
  'not-reported': () =>
    trusted('This symptom is not reported, or somebody took it back. You need not do anything.'),
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
      `Slack did not open the form. Nothing was done and nothing is lost. Press the button again, or type the command again.`,
    ),
  'stale-card': () =>
    trusted(
      'This card is old, and things have changed since. Nothing was done. Use the newest card of the incident.',
    ),
  'plan-ended': () =>
    trusted(
      'This plan takes no signatures: it has ended, another one took its place, or it is being carried out. Nothing was done. Go by the newest card in the thread.',
    ),
  'plan-changed': () =>
    trusted(
      'The plan has changed since you saw it, so this did not count. Read the card as it is now, then press again.',
    ),
  'plan-too-long': () =>
    trusted(
      'This plan is too long to be read whole, so nobody can sign it. Nothing was done. Deny it, and plan fewer services at a time.',
    ),
  'not-an-approver': () =>
    trusted(
      'You are not among the approvers, so this did not count. Ask one of them: the card names them, from approval in backout.yaml.',
    ),
  'rights-unknown': () =>
    trusted(
      'Slack did not say who the approvers are, so this did not count. Press again in a moment. Approvers named one by one in backout.yaml can always press.',
    ),
  requester: () =>
    trusted('You asked for this plan, so your signature does not count. Two others have to sign.'),
  'already-approved': () =>
    trusted(
      'Your signature is there already, and it counts once. Nothing was done twice. The next one has to be somebody else’s.',
    ),
  'same-human': () =>
    trusted(
      'Another account with your e-mail address has signed, and one person counts once. Somebody else has to sign.',
    ),
  'read-first': () =>
    trusted(
      'That was faster than the card can be read, so it did not count yet. Read what will be done and what is lost, then press Approve again.',
    ),
  'another-role-wanted': () =>
    trusted(
      'Enough people of your role have signed, so yours is not needed and was not added. Somebody of another role has to sign: the card says who.',
    ),
  'which-plan': () =>
    trusted(
      `Several plans are being carried out, so nothing was stopped. Press Stop after this step on the card of the one you mean, or type its number: ${COMMAND} abort 2.`,
    ),
  'not-by-machine': () => trusted('Only a person in Slack can do this. Nothing was done.'),
  'no-approvers': () =>
    trusted(
      'No approvers are configured, so nobody could sign a plan, and none was made. Name them in backout.yaml under approval and restart Backout; until then work by the runbook.',
    ),
  'run-in-progress': () =>
    trusted(
      'A plan of this incident that changes the same things is being carried out. Nothing was done. Wait until it ends; where its card still has Stop after this step, that ends it sooner.',
    ),
  'takes-signed-place': (detail) =>
    mrk`Plan ${detail ?? ''} has been signed already, and this would take its place: its signatures would be lost. Nothing was done yet. To replace it all the same, ask for this once more.`,
  'not-possible': (detail) =>
    mrk`This is not possible now, so nothing was done and nobody was called: ${detail ?? 'it could not be said why'}.`,
  'nothing-to-abort': () =>
    trusted(
      'Nothing is being carried out that could be stopped. A plan that still waits for signatures ends when somebody presses Deny on its card.',
    ),
  'nothing-to-resume': () =>
    trusted(
      'No incident is open here, so there is nothing to resume. Nothing was done. What a closed incident has suspended is resumed by hand: its message in the incident channel says what.',
    ),
  'nothing-to-undo': () =>
    trusted(
      `Nothing was changed here that could be undone, so no plan was made. To plan a rollback type ${COMMAND} plan.`,
    ),
  'watched-already': () =>
    trusted(
      'Production is being watched already. Nothing was started twice. What it sees is in this incident’s thread.',
    ),
  'not-watched': () =>
    trusted(
      `Nobody is watching production here, so there is nothing to stop. To begin, type ${COMMAND} monitor in a declared incident.`,
    ),
  'measured-itself': () =>
    trusted(
      'Backout measures this itself, and what it measured is not ticked by hand. Nothing was done. Mend what is wrong, then press Verify again on that card.',
    ),
  'already-ticked': () =>
    trusted('This is ticked already. You need not do anything: the card says who did it.'),
  'report-under-way': () =>
    trusted('The report is being written already. It appears in the thread of the incident.'),
  'which-report': () =>
    trusted(
      `No incident is open, and you named none. Nothing was written. Type ${COMMAND} history to see which there are, then ${COMMAND} report with its name.`,
    ),
  'status-decided': () =>
    trusted(
      'This message was marked as published or skipped before. Nothing was changed. If the status page is wrong, correct it there.',
    ),
  'status-under-way': () =>
    trusted(
      'This message is on its way to the status page. Nothing was changed. Its card says what becomes of it.',
    ),
  'status-changed': () =>
    trusted(
      'The text has changed since you saw it, so nothing was published. Read the card as it is now, then press Publish again.',
    ),
  'not-a-publisher': () =>
    trusted(
      'Only approvers, and those named under communication.publishers in backout.yaml, may publish. Nothing was published. Ask one of them to press it.',
    ),
  'no-status-page': () =>
    trusted(
      'No status page is configured any more, so nothing was published. Copy the text and publish it yourself, then say so on the card.',
    ),
  'letter-under-way': () =>
    trusted(
      'This letter is on its way to the mail server. Nothing was sent twice. The checklist says what becomes of it.',
    ),
  'letter-sent': () =>
    trusted(
      'This letter is sent already. Nothing was sent twice: the checklist says by whom, and when.',
    ),
  'letter-changed': () =>
    trusted(
      'The letter, or who gets it, has changed since you saw it, so nothing was sent. Read the checklist as it is now, then press Send again.',
    ),
  'not-a-sender': () =>
    trusted(
      'Only approvers, and those named under communication.publishers in backout.yaml, may send letters. Nothing was sent. Ask one of them to press it.',
    ),
  'no-such-list': () =>
    trusted(
      'This list of customers, or the mail server, is not in the settings any more, so nothing was sent. Copy the text and send it yourself, then press Done.',
    ),
  'which-incident': (detail) =>
    mrk`Several incidents are open${detail === null ? '' : `: ${detail}`}. Nothing was done. Go to the thread of the one you mean and type it there, with @Backout in place of ${COMMAND}.`,
  restarting: () => trusted('Backout is restarting. Nothing was done. Try again in a minute.'),
  'journal-unavailable': (detail) =>
    mrk`Backout cannot write its journal${detail === null ? '' : ` (${short(detail)})`}, so it does nothing. Work by the runbook, and have somebody look at the machine Backout runs on.`,
  'left-to-newer-version': () =>
    trusted(
      'This is written down. Backout is being updated: the older process that received it cannot read this incident, and the newer one does it within a minute. If it does not, have somebody end the older one.',
    ),
  'newer-version-needed': () =>
    trusted(
      'Nothing was done. Backout is being updated: the older process that received this cannot read this incident. Try again in a minute, or press a button on its card. Still so? Have somebody end the older one.',
    ),
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
