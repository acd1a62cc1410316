import { refusalView } from '../../chat/answers/refusal.ts'
import { ACTIONS } from '../../chat/reading/action-ids.ts'
import { parseConfirmation } from '../../chat/reading/parse-press.ts'
import type { Place } from '../../domain/incident/place.ts'
import { refused, type Refusal } from '../../domain/base/refusal.ts'
import type { View } from '../../domain/base/view.ts'
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
    const refusal = notAtHome(deps, place) ?? (await intake.barred(by))
    return refusal ? refusalView(refusal) : deps.enrolling[wants](by)
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
    const elsewhere = notAtHome(deps, place)
    if (elsewhere) return intake.tell(by, place, elsewhere)
    await told(deps, { by, place }, async () => {
      const { answer, card: shown } = await deps.enrolling.confirm(press)
      const message = { channel: place.channel, ts: card }
      if (shown) await deps.conversations.update(message, shown, `enrolment:${press.id}`)
      return answer
    })
  })
}

/** Whoever signs without Slack signs for the real production: nothing of it is said or pressed elsewhere. */
function notAtHome({ at, home }: Listening, { channel }: Place): Refusal | null {
  const here = at(channel)
  if ('reason' in here) return here
  return here === home
    ? null
    : refused('wrong-channel', home.channels.map((id) => `<#${id}>`).join(', '))
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
