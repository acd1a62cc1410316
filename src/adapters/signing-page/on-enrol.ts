import { z } from 'zod'
import { enrolPage, messagePage, provedPage, secretPage } from '../../chat/outside/sign-in.ts'
import { verdictInWords } from '../../chat/outside/words.ts'
import { markup } from '../../chat/report/markup.ts'
import { page, type Answer } from './answer.ts'
import type { Desk } from './desk.ts'
import type { Asked } from './request.ts'
import type { Sessions, Visit } from './sessions.ts'

const Link = z.object({ link: z.string().regex(/^[\w-]{43}$/) })
const Code = z.object({ code: z.string().max(20) })

/** The secret, shown once, and the first code of it. */
export function onEnrol(desk: Desk, kept: Sessions) {
  const { environment, secondFactor } = desk

  function gone(visit: Visit): Answer {
    const says =
      'This link is not good any more: it works once, and for a quarter of an hour. Type /rollback enrol in Slack for another one.'
    return page(messagePage({ environment, title: 'Not found', says }), visit, 404)
  }

  return {
    async look(link: string, visit: Visit): Promise<Answer> {
      if ((await secondFactor.invited(link)) === null) return gone(visit)
      return page(enrolPage({ environment, link, token: visit.token }), visit)
    },

    async show(asked: Asked, visit: Visit): Promise<Answer> {
      const link = Link.safeParse(asked.form).data?.link
      const made = link === undefined ? null : await secondFactor.redeem(link)
      if (!made) return gone(visit)
      const { user, handle: name, secret: text, uri } = made
      desk.log.info('a secret was shown', { user, address: asked.address })
      const begun = await kept.begin(asked.cookies, { user, name, enrolment: '', may: 'enrol' })
      const { token } = begun
      return page(secretPage({ environment, token, secret: { text, uri, name } }), begun)
    },

    async prove(asked: Asked, visit: Visit): Promise<Answer> {
      const { session, token } = visit
      if (session?.may !== 'enrol') return gone(visit)
      const code = Code.safeParse(asked.form).data?.code ?? ''
      const verdict = await secondFactor.prove(session.user, code)
      if (verdict.kind === 'counts') {
        await kept.end(asked.cookies)
        await desk.proved(session.user)
        return page(provedPage({ environment }), visit)
      }
      if (verdict.kind === 'too-early') return gone(visit)
      const notice = { good: 'no', says: markup`<p>${verdictInWords(verdict)}</p>` } as const
      return page(secretPage({ environment, token, secret: null, notice }), visit, 403)
    },
  }
}
