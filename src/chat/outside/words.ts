import { toIso } from '../../domain/base/instant.ts'
import type { Refusal, RefusalReason } from '../../domain/base/refusal.ts'
import { LOCKOUT, type CodeVerdict } from '../../domain/second-factor/code.ts'
import { inWords } from '../../domain/text/duration.ts'
import { utcDayAndTime, utcTime } from '../../domain/text/utc.ts'
import { refusalText } from '../text/refusal-text.ts'
import { counted, mrk, trusted, type Mrkdwn } from '../text/text.ts'

/** Why a code did not count, to whoever typed it. Plain words: a terminal shows them too. */
export function verdictInWords(verdict: Exclude<CodeVerdict, { kind: 'counts' }>): string {
  switch (verdict.kind) {
    case 'locked':
      return `Too many wrong codes: this person is locked until ${utcTime(toIso(verdict.untilMs))}. Nothing was done. Everybody else can go on.`
    case 'used':
      return `This code has counted already, or a newer one has: each counts once. Nothing was done. Wait for the next one, at most half a minute. ${leftInWords(verdict.left)}`
    case 'wrong':
      return `That is not the code now. Nothing was done. Look whether the clock of the phone is right, and take the code it shows now. ${leftInWords(verdict.left)}`
    case 'too-early':
      return verdict.fromMs === null
        ? 'This second factor is not confirmed, so nothing was done. Another approver confirms it in Slack.'
        : `This second factor counts from ${utcDayAndTime(toIso(verdict.fromMs))} on, a day after it was confirmed. Nothing was done.`
    default:
      return verdict satisfies never
  }
}

function leftInWords(left: number): string {
  const lasts = inWords(LOCKOUT.lockedMs)
  if (left === 0) return `That was the last try: locked now for ${lasts}.`
  return `${counted(left, 'more wrong code')} and it is locked for ${lasts}.`
}

/** The same for a name that nobody has and for a code that is wrong. */
export const WRONG_SIGN_IN = mrk`That name and that code do not belong together now. Nothing was done. Look whether the clock of your phone is right, and take the code it shows now.`

/** Where there are no cards to press, and Slack is not there to ask once more. */
const OUTSIDE: Partial<Record<RefusalReason, string>> = {
  'person-unknown':
    'Slack does not answer, and what it last said of you is older than 24 hours, or was never read. So your rights are not known, and this did not count. Somebody whose rights were read since has to do it, or work by the runbook.',
  'rights-unknown':
    'Slack does not answer, and what it last said of the approvers is older than 24 hours, or was never read. So this did not count. Somebody whose rights were read since has to sign, or work by the runbook.',
  'plan-changed':
    'The plan has changed since it was shown here, so this did not count. Read it as it is now, then sign with a fresh code.',
  'read-first':
    'That was faster than the plan can be read, so it did not count. Read what will be done and what is lost, then sign with a fresh code.',
  'not-an-approver':
    'You are not among the approvers, so this did not count. Who signs stands under approval in backout.yaml.',
  'plan-ended':
    'This plan takes no signatures: it has ended, another one took its place, or it is being carried out. Nothing was done. How it stands is shown here.',
  'which-plan':
    'Several plans are being carried out, so nothing was stopped. Say which of them you mean.',
}

export function refusedInWords(refusal: Refusal): Mrkdwn {
  const own = OUTSIDE[refusal.reason]
  return own === undefined ? refusalText(refusal) : trusted(own)
}

/* At the command line. */
export const NOT_CONFIGURED =
  'Signing without Slack is not configured here: BACKOUT_SIGNING_KEY and BACKOUT_SIGNING_URL are not set.'
export const NOT_DECIDED =
  'It is written down, and nobody has decided it yet. Is Backout running? Look again with: backout status'
export const ASK_AGAIN = 'Which incidents are open says: backout status'
export const NAME_PROMPT = 'Your name here, as your authenticator shows it (not echoed): '
export const CODE_PROMPT =
  'Code of your authenticator, which signs what is shown above (not echoed): '

export const UNREADABLE =
  'This process of Backout cannot read that incident, so nothing was done. Either a newer version has written in it, or it is damaged: doctor says which. If a newer version runs, ask that one.'
export const TO_DECLARE =
  'Nobody has declared this incident. Your name and a code declare it and ask for the plan of a rollback, which two others then sign.'
export const CODE_PROMPT_TO_PLAN = 'Code of your authenticator (not echoed): '
export const toDeclareOne = (id: string): string =>
  `Not declared yet: to declare one and plan a rollback type: backout plan ${id}`
export const toReadPlan = (id: string): string =>
  `The plan is being made. Read it in a moment with: backout plan ${id}`

/** What a wish has come to that was granted. */
export const GRANTED = {
  sign: mrk`Your signature counts. How many are missing is shown below.`,
  abort: mrk`It stops after the step in flight. What it leaves is shown below.`,
  plan: mrk`The plan is being made. Look again in a moment: it appears below.`,
  undecided: mrk`It is written down, and not decided yet. Look again in a moment.`,
} as const
