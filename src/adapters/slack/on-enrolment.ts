import { refusalView } from '../../chat/answers/refusal.ts'
import { ACTIONS } from '../../chat/reading/action-ids.ts'
import { parseConfirmation } from '../../chat/reading/parse-press.ts'
import type { Place } from '../../domain/incident/place.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import type { View } from '../../domain/base/view.ts'
import type { Enrolling } from './enrolling.ts'
import type { Intake, Listening } from './intake.ts'

type Asked = {
  readonly by: string
  readonly place: Place
  readonly wants: 'enrol' | 'revoke'
}

/** `/rollback enrol`: what comes of it, to this person alone, because a link is a secret. */
export async function tellEnrolment(
  deps: Listening,
  intake: Intake,
  { by, place, wants }: Asked,
): Promise<void> {
  const answer = async (): Promise<View> => {
    const enrolling = enrollingAt(deps, place)
    if ('reason' in enrolling) return refusalView(enrolling)
    const refusal = await intake.barred(by)
    return refusal ? refusalView(refusal) : enrolling[wants](by)
  }
  await told(deps, { by, place }, answer)
}

/** An approver says on the card that it is they who enrolled. */
export function onEnrolment(deps: Listening, intake: Intake): void {
  deps.app.action(ACTIONS.confirmEnrolment, async ({ ack, body }) => {
    await ack()
    const press = parseConfirmation(body)
    if (!press) return
    const { by, place, card } = press
    const enrolling = enrollingAt(deps, place)
    if ('reason' in enrolling) return intake.tell(by, place, enrolling)
    await told(deps, { by, place }, async () => {
      const { answer, card: shown } = await enrolling.confirm(press)
      const message = { channel: place.channel, ts: card }
      if (shown) await deps.conversations.update(message, shown, `enrolment:${press.id}`)
      return answer
    })
  })
}

/** Whoever signs without Slack signs for something real: nothing of it is said or pressed where people rehearse. */
function enrollingAt({ at, home }: Listening, { channel }: Place): Enrolling | Refusal {
  const here = at(channel)
  if ('reason' in here) return here
  return (
    here.enrolling ?? refused('wrong-channel', home.channels.map((id) => `<#${id}>`).join(', '))
  )
}

async function told(
  { conversations, log }: Listening,
  { by, place }: Pick<Asked, 'by' | 'place'>,
  answer: () => Promise<View>,
): Promise<void> {
  try {
    await conversations.tell(by, place, await answer())
  } catch (error) {
    log.warn('what comes of an enrolment could not be told', { user: by, error })
  }
}
