import type { Button } from '@slack/types'
import type { Event } from '../../domain/incident/event.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { leftInWords } from '../../domain/plan/left-meanwhile.ts'
import { leftBy } from '../../domain/plan/left-standing.ts'
import { LIMITS } from '../../domain/watch/watch.ts'
import type { Contacts } from '../text/contacts.ts'
import { clockTime } from '../text/moments.ts'
import { call, clipped, mrk, oneLine, trusted, type Mrkdwn } from '../text/text.ts'

/** One message mentions no more people than this. */
export const MOST_CALLED = 15

/** What to do, where it can be done from here; otherwise where the newest word is. */
export function nextOf(buttons: readonly Button[], what: string): Mrkdwn {
  return buttons.length > 0
    ? mrk`Next: ${what}`
    : trusted('Next: go by the newest card in this thread.')
}

/** The run stands still until somebody has done it. */
export function peopleAsked(
  { plans }: Incident,
  { plan, step }: Extract<Event, { type: 'people-asked' }>,
): readonly Mrkdwn[] {
  const { plan: signed = null } = plans[plan - 1] ?? {}
  const meanwhile = leftBy(plans, plan).map(leftInWords)
  return [
    mrk`👤 ${clipped(signed?.steps[step]?.title ?? 'something that people do', 300)}. Plan ${plan} waits for it.`,
    ...(meanwhile.length > 0 ? [mrk`Until then: ${clipped(meanwhile.join('; '), 300)}.`] : []),
    trusted('Next: do it, then press Done. Backout cannot see whether it is so.'),
  ]
}

type Turned = Extract<Event, { type: 'watch-turned' }>

/** What a watch has found that it had not found before. */
export function turned(
  { to, unseenSince, moved = [], leak }: Turned,
  buttons: readonly Button[],
  contacts: Contacts,
): readonly Mrkdwn[] {
  switch (to) {
    case 'relapse': {
      const slack = contacts.onCall.flatMap((one) => (one.slack ? [oneLine(one.slack, 40)] : []))
      const names = slack.slice(0, MOST_CALLED).map((whom) => call(whom).mrkdwn)
      const whom = names.length > 0 ? mrk`${trusted(names.join(' '))} ` : trusted('')
      return [
        mrk`🔴 ${whom}Production is bad: ${leak ? 'data of one organisation is shown to another' : `${LIMITS.bad} bad looks in a row`}.`,
        ...moved.map((what) => mrk`• ${clipped(what, 200)}`),
        trusted(
          'Nothing was started. It is assessed anew; the verdict stands in this thread, and where there is a way back, its plan.',
        ),
        nextOf(
          buttons,
          'read it, then decide. Whatever you prepare is a plan: nothing is done before it is signed.',
        ),
      ]
    }
    case 'blind':
      if (unseenSince !== undefined) {
        return [
          mrk`⚫ Nobody has looked at production since ${clockTime(unseenSince)}: Backout was away, or its machine slept.`,
          trusted('It looks again now. Until it says more, look by hand.'),
        ]
      }
      return [
        mrk`⚫ Backout cannot see production: ${LIMITS.blind} looks in a row brought no answer.`,
        trusted('That is no good news. Next: look by hand.'),
      ]
    case 'stable':
      return [
        mrk`🟢 Production is stable: ${LIMITS.good} good looks in a row.`,
        trusted('The watch goes on. Next: tell the status page.'),
      ]
    case 'settling':
      return [trusted('👀 Production is not yet stable.')]
    default:
      return to satisfies never
  }
}
