import type { Enrolling } from '../../adapters/slack/enrolling.ts'
import {
  confirmCard,
  confirmedCard,
  enrolAnswer,
  enrolLink,
  notConfirmed,
  thanksForConfirming,
  toldBySelf,
} from '../../chat/answers/enrol.ts'
import { rolesOf } from '../../domain/plan/gate.ts'
import { WAITS_MS, whyNotConfirm, type Enrolment } from '../../domain/second-factor/enrolment.ts'
import type { View } from '../../domain/base/view.ts'
import type { Engine } from '../../engine/engine-types.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import type { SecondFactor } from '../../ports/second-factor.ts'

type Deps = {
  readonly secondFactor: SecondFactor
  readonly approver: Engine['approver']
  readonly conversations: Pick<Conversations, 'post'>
  /** Where approvers are asked to confirm. */
  readonly channel: string
  /** Of the page, without a path. */
  readonly url: string
  /** As the Slack that it goes to can show it. */
  readonly shownIn: (view: View) => View
  readonly now: () => number
  readonly log: Log
}

export const NO_ENROLLING: Enrolling = {
  enrol: async () => enrolAnswer('off'),
  revoke: async () => enrolAnswer('off'),
  confirm: async () => ({ answer: enrolAnswer('off'), card: null }),
}

/** What people do in Slack about their second factor. */
export function enrollingOver(deps: Deps): Enrolling & {
  /** It was proved on the page: approvers are asked, and the person is told. Never throws. */
  proved(user: string): Promise<void>
} {
  const { secondFactor, conversations, log } = deps

  /** Says it where people are; that it could not be said changes nothing. */
  async function say(channel: string, view: View, key: string): Promise<void> {
    try {
      await conversations.post({ channel, thread: null }, deps.shownIn(view), key)
    } catch (error) {
      log.warn('an enrolment could not be told in Slack', { channel, error })
    }
  }

  async function askApprovers({ user, id }: Enrolment): Promise<void> {
    await say(deps.channel, confirmCard(user, id), `enrolment:${id}`)
  }

  async function written(work: () => Promise<View>): Promise<View> {
    try {
      return deps.shownIn(await work())
    } catch (error) {
      log.error('an enrolment could not be written down', { error })
      return enrolAnswer('failed')
    }
  }

  return {
    enrol: (user) =>
      written(async () => {
        const signer = await deps.approver(user)
        if (rolesOf(signer).length === 0) {
          const isUnknown = Object.values(signer.roles).includes('unknown')
          return enrolAnswer(isUnknown ? 'rights-unknown' : 'not-a-signer')
        }
        const enrolment = await secondFactor.enrolmentOf(user)
        if (enrolment?.provedMs && !enrolment.confirmed) {
          await askApprovers(enrolment)
          return enrolAnswer('asked-again')
        }
        const invited = await secondFactor.invite(user)
        if (!invited) return enrolAnswer('enrolled')
        log.info('somebody asked for a second factor', { user })
        return enrolLink(`${deps.url}/enrol/${invited.token}`, invited.untilMs)
      }),

    revoke: (user) =>
      written(async () => {
        if (!(await secondFactor.revoke(user))) return enrolAnswer('nothing-to-revoke')
        log.warn('a second factor was revoked', { user })
        await say(user, toldBySelf('revoked'), `revoked:${deps.now()}`)
        return enrolAnswer('revoked')
      }),

    async confirm({ by, user, id }) {
      try {
        const found = await secondFactor.enrolmentOf(user)
        const enrolment = found?.id === id ? found : null
        const [signer, enrolled] = await Promise.all([deps.approver(by), deps.approver(user)])
        // Whose accounts they are has to be known of both: else one of them could be the other's.
        if (enrolled.kind === 'unknown') return no('rights-unknown')
        const why = whyNotConfirm(enrolment, { by: signer, human: enrolled.human })
        if (why) return no(why)
        if (!(await secondFactor.confirm(user, id, by))) return no('confirmed-already')
        const atMs = deps.now()
        log.warn('a second factor was confirmed', { user, by })
        await say(user, toldBySelf({ confirmedBy: by, atMs }), `confirmed:${id}`)
        return {
          answer: thanksForConfirming(user),
          card: deps.shownIn(confirmedCard(user, by, atMs + WAITS_MS)),
        }
      } catch (error) {
        log.error('an enrolment could not be confirmed', { user, error })
        return no('failed')
      }
    },

    async proved(user) {
      const enrolment = await secondFactor.enrolmentOf(user)
      log.warn('a second factor was set up, and waits to be confirmed', { user })
      if (enrolment) await askApprovers(enrolment)
      await say(user, toldBySelf('proved'), `proved:${enrolment?.id ?? ''}`)
    },
  }
}

function no(why: Parameters<typeof notConfirmed>[0]) {
  return { answer: notConfirmed(why), card: null }
}
