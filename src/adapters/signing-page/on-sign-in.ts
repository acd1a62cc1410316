import { z } from 'zod'
import { signInPage } from '../../chat/outside/sign-in.ts'
import { paragraphs } from '../../chat/outside/shown.ts'
import { refusedInWords, verdictInWords, WRONG_SIGN_IN } from '../../chat/outside/words.ts'
import { mrk, type Mrkdwn } from '../../chat/text/text.ts'
import { led, page, type Answer } from './answer.ts'
import type { Desk } from './desk.ts'
import type { Asked } from './request.ts'
import type { Sessions, Visit } from './sessions.ts'

const SignIn = z.object({ name: z.string().max(40), code: z.string().max(20) })

/** Who somebody is, by a code that then counts for nothing else. */
export function onSignIn(desk: Desk, kept: Sessions) {
  function refuse(visit: Visit, words: Mrkdwn): Answer {
    const notice = { good: 'no', says: paragraphs(words.mrkdwn, desk.nameOf) } as const
    const { environment } = desk
    return page(signInPage({ environment, token: visit.token, notice }), visit, 403)
  }

  return {
    ask: (visit: Visit): Answer =>
      page(signInPage({ environment: desk.environment, token: visit.token }), visit),

    refuse,

    async signIn(asked: Asked, visit: Visit): Promise<Answer> {
      const form = SignIn.safeParse(asked.form).data
      const name = form?.name.trim().toLowerCase() ?? ''
      const enrolment = await desk.secondFactor.named(name)
      // Whether there is such a name is told to nobody.
      if (!form || !enrolment?.provedMs) return refuse(visit, WRONG_SIGN_IN)
      const { user } = enrolment
      const verdict = await desk.secondFactor.use(user, form.code)
      if (verdict.kind !== 'counts') {
        desk.log.warn('a sign-in was refused', { user, why: verdict.kind, address: asked.address })
        const isGuess = verdict.kind === 'wrong' && verdict.left > 0
        return refuse(visit, isGuess ? WRONG_SIGN_IN : mrk`${verdictInWords(verdict)}`)
      }
      const barred = await desk.barred(user)
      if (barred) return refuse(visit, refusedInWords(barred))
      desk.log.info('somebody signed in without Slack', { user, address: asked.address })
      return led(
        '/',
        await kept.begin(asked.cookies, { user, name, enrolment: enrolment.id, may: 'everything' }),
      )
    },

    async signOut(asked: Asked): Promise<Answer> {
      await kept.end(asked.cookies)
      return led('/sign-in', await kept.visit(undefined))
    },
  }
}
