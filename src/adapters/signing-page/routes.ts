import { OUTSIDE_STYLE, STYLE_PATH } from '../../chat/outside/frame.ts'
import { messagePage } from '../../chat/outside/sign-in.ts'
import { mrk } from '../../chat/text/text.ts'
import { led, page, type Answer } from './answer.ts'
import type { Desk } from './desk.ts'
import { onEnrol } from './on-enrol.ts'
import { onIncident, type Deed, type SignedIn } from './on-incident.ts'
import { onSignIn } from './on-sign-in.ts'
import type { Asked } from './request.ts'
import type { Sessions, Visit } from './sessions.ts'

const INCIDENT = /^\/incident\/([\w-]{1,64})$/
const DEED = /^\/incident\/([\w-]{1,64})\/(sign|abort|plan)$/
const LINK = /^\/enrol\/([\w-]{43})$/

const OLD_FORM = mrk`That form is old, or was not of this page. Nothing was done. Try again here.`

/** Every page there is, and every form. What is none of them is not found. */
export function routes(desk: Desk, kept: Sessions): (asked: Asked) => Promise<Answer> {
  const signing = onSignIn(desk, kept)
  const enrolling = onEnrol(desk, kept)
  const incidents = onIncident(desk, kept)

  /** Whoever was revoked meanwhile is nobody any more. */
  async function signedInBy(visit: Visit): Promise<SignedIn | null> {
    const { session, ...rest } = visit
    if (session?.may !== 'everything') return null
    const enrolment = await desk.secondFactor.enrolmentOf(session.user)
    return enrolment?.id === session.enrolment ? { ...rest, session } : null
  }

  function notFound(visit: Visit): Answer {
    const { environment } = desk
    const says = 'There is nothing here.'
    return page(messagePage({ environment, title: 'Not found', says }), visit, 404)
  }

  async function look({ path }: Asked, visit: Visit): Promise<Answer> {
    if (path === STYLE_PATH) return { status: 200, body: OUTSIDE_STYLE, type: 'text/css' }
    if (path === '/sign-in') return signing.ask(visit)
    const [, link] = LINK.exec(path) ?? []
    if (link !== undefined) return enrolling.look(link, visit)
    const [, id] = INCIDENT.exec(path) ?? []
    if (path !== '/' && id === undefined) return notFound(visit)
    const signedIn = await signedInBy(visit)
    if (!signedIn) return led('/sign-in', visit)
    return id === undefined ? incidents.list(signedIn) : incidents.show(id, signedIn)
  }

  async function send(asked: Asked, visit: Visit): Promise<Answer> {
    if (!kept.isToken(visit, asked.form['token'] ?? '')) return signing.refuse(visit, OLD_FORM)
    switch (asked.path) {
      case '/sign-in':
        return signing.signIn(asked, visit)
      case '/sign-out':
        return signing.signOut(asked)
      case '/enrol':
        return enrolling.show(asked, visit)
      case '/enrol/prove':
        return enrolling.prove(asked, visit)
      default: {
        const [, id = '', deed = ''] = DEED.exec(asked.path) ?? []
        if (!isDeed(deed)) return notFound(visit)
        const signedIn = await signedInBy(visit)
        return signedIn ? incidents.act(id, deed, asked, signedIn) : led('/sign-in', visit)
      }
    }
  }

  return async (asked) => {
    const visit = await kept.visit(asked.cookies)
    return asked.method === 'POST' ? send(asked, visit) : look(asked, visit)
  }
}

function isDeed(deed: string): deed is Deed {
  return deed === 'sign' || deed === 'abort' || deed === 'plan'
}
