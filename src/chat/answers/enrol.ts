import { toIso } from '../../domain/base/instant.ts'
import type { View } from '../../domain/base/view.ts'
import { WAITS_MS, type WhyNotConfirm } from '../../domain/second-factor/enrolment.ts'
import { actions, button, section, view } from '../parts/blocks.ts'
import { ACTIONS } from '../reading/action-ids.ts'
import { COMMAND } from '../reading/commands.ts'
import { link } from '../text/links.ts'
import { dayAndTime } from '../text/moments.ts'
import { mention, mrk, trusted, type Mrkdwn } from '../text/text.ts'

function only(...words: readonly Mrkdwn[]): View {
  const [first = trusted('')] = words
  return view(first, [section(...words)])
}

/** For the person alone: whoever has the link is they. */
export function enrolLink(url: string, untilMs: number): View {
  return only(
    mrk`Enrol here: ${link(url, 'show me my secret')}. It is for you alone, works once, and until ${at(untilMs)}.`,
    trusted(
      'You need an authenticator app on your phone. Afterwards another approver confirms it here, and it counts a day later.',
    ),
  )
}

type WhyNotEnrol =
  | 'off'
  | 'enrolled'
  | 'not-a-signer'
  | 'rights-unknown'
  | 'asked-again'
  | 'nothing-to-revoke'
  | 'revoked'
  | 'failed'

const WORDS: Record<WhyNotEnrol, string> = {
  off: 'Signing without Slack is not configured here, so there is nothing to enrol in. docs/without-slack.md says how an operator does that.',
  enrolled: `You have a second factor already, and it stands. For another one, as after a lost phone, type ${COMMAND} enrol revoke first.`,
  'not-a-signer':
    'You are neither an approver nor a data owner, so you need no second factor. Nothing was done. Who signs stands under approval in backout.yaml.',
  'rights-unknown':
    'Slack did not say what you may do, so nothing was done. Try again in a moment.',
  'asked-again':
    'Yours is proved, and waits for another approver to confirm it. They were asked once more in the channel.',
  'nothing-to-revoke': 'You have no second factor, so there is nothing to revoke.',
  revoked: `Your second factor is revoked: none of its codes counts any more. For a new one type ${COMMAND} enrol.`,
  failed: 'That could not be written down, so nothing was done. Try again in a moment.',
}

export function enrolAnswer(what: WhyNotEnrol): View {
  return only(trusted(WORDS[what]))
}

/** In the channel, to the approvers: whoever knows the person says that it is they. */
export function confirmCard(user: string, id: string): View {
  return view(mrk`${mention(user)} asks to sign without Slack.`, [
    section(
      mrk`🔑 ${mention(user)} has set up a second factor, to sign plans while Slack is down.`,
      trusted(
        'One other approver confirms it, who has asked them by voice or in person whether it was they. It counts a day later.',
      ),
    ),
    actions(
      button({
        action: ACTIONS.confirmEnrolment,
        label: 'Confirm: I asked them',
        value: `${user}/${id}`,
        confirm: {
          title: 'Was it they?',
          text: 'From tomorrow on, whoever has that phone signs in their name while Slack is down.',
          yes: 'I asked them',
        },
      }),
    ),
  ])
}

export function confirmedCard(user: string, by: string, fromMs: number): View {
  return only(
    mrk`🔑 ${mention(user)} can sign without Slack from ${at(fromMs)} on. ${mention(by)} confirmed it.`,
  )
}

const NOT_CONFIRMED: Record<WhyNotConfirm | 'failed', string> = {
  gone: 'This enrolment is gone: it was revoked, or a newer one took its place. Nothing was done.',
  'confirmed-already': 'Somebody has confirmed it already. You need not do anything.',
  'not-an-approver':
    'You are not among the approvers, so this did not count. Another approver confirms it.',
  'rights-unknown':
    'Slack did not say whether you are an approver, so this did not count. Press again in a moment.',
  oneself:
    'This is your own enrolment, or that of another account of yours. Another approver confirms it.',
  failed: 'That could not be written down, so nothing was done. Press again in a moment.',
}

export function notConfirmed(why: WhyNotConfirm | 'failed'): View {
  return only(trusted(NOT_CONFIRMED[why]))
}

export function thanksForConfirming(user: string): View {
  return only(mrk`Thank you. ${mention(user)} was told.`)
}

/** To the person, by direct message, whoever it was that did it. */
export function toldBySelf(
  what: 'proved' | 'revoked' | { readonly confirmedBy: string; readonly atMs: number },
): View {
  const undo = mrk`If that was not you, type ${COMMAND} enrol revoke in the channel, and tell your team by voice.`
  if (what === 'proved') {
    return only(
      trusted('🔑 A second factor was set up in your name, to sign without Slack.'),
      trusted('Another approver has to confirm it first.'),
      undo,
    )
  }
  if (what === 'revoked') {
    return only(
      trusted('🔑 Your second factor was revoked: you cannot sign without Slack any more.'),
      trusted('If that was not you, tell your team by voice: somebody uses your account.'),
    )
  }
  return only(
    mrk`🔑 ${mention(what.confirmedBy)} confirmed your second factor: you can sign without Slack from ${at(what.atMs + WAITS_MS)} on.`,
    undo,
  )
}

function at(ms: number): Mrkdwn {
  return dayAndTime(toIso(ms))
}
