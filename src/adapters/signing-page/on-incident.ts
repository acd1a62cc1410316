import { z } from 'zod'
import { incidentPage, incidentsPage } from '../../chat/outside/incident-page.ts'
import { messagePage } from '../../chat/outside/sign-in.ts'
import { paragraphs } from '../../chat/outside/shown.ts'
import { GRANTED, refusedInWords, UNREADABLE, verdictInWords } from '../../chat/outside/words.ts'
import { mrk, type Mrkdwn } from '../../chat/text/text.ts'
import { toIso } from '../../domain/base/instant.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Intent } from '../../domain/incident/intent.ts'
import { intentsToPlan } from '../../domain/incident/undeclared.ts'
import { led, page, type Answer } from './answer.ts'
import type { Desk } from './desk.ts'
import type { Asked } from './request.ts'
import type { Session, Sessions, Visit } from './sessions.ts'

const PlanNumber = z
  .string()
  .regex(/^[1-9]\d{0,5}$/)
  .transform(Number)
const SignForm = z.object({
  plan: PlanNumber,
  digest: z.string().regex(/^[0-9a-f]{16,128}$/),
  shown: z.string().max(200),
  code: z.string().max(20),
})
const AbortForm = z.object({ plan: PlanNumber })

export type SignedIn = Visit & { readonly session: Session }

export type Deed = 'sign' | 'abort' | 'plan'

/** What somebody who is signed in sees of incidents, and does about them. */
export function onIncident(desk: Desk, kept: Sessions) {
  async function shownTo(visit: SignedIn) {
    const { session, token } = visit
    const { notice } = session
    if (notice) await kept.tell(visit, null)
    const { environment, nameOf } = desk
    return { environment, nameOf, notice, signedIn: { name: session.name, token } }
  }

  async function sign(incident: Incident, asked: Asked, { user }: Session) {
    const form = SignForm.safeParse(asked.form).data
    if (!form) return NOT_UNDERSTOOD
    const { plan, digest } = form
    const shownMs = kept.shownAt(sealed(user, incident.id, plan, digest), form.shown)
    if (shownMs === null) return bad(STALE)
    // Spent before anything is signed with it, whatever then becomes of the signature.
    const verdict = await desk.secondFactor.use(user, form.code)
    if (verdict.kind !== 'counts') {
      desk.log.warn('a code did not sign', { user, why: verdict.kind, address: asked.address })
      return bad(mrk`${verdictInWords(verdict)}`)
    }
    const intent = { kind: 'approve', plan, digest, shownAt: toIso(shownMs) } as const
    return wished(incident, user, intent, GRANTED.sign)
  }

  async function wished(incident: Incident, user: string, intent: Intent, granted: Mrkdwn) {
    const outcome = await desk.wish(user, incident, intent)
    if (outcome.kind === 'granted') return said('yes', granted)
    return outcome.kind === 'undecided'
      ? said('yes', GRANTED.undecided)
      : bad(refusedInWords(outcome))
  }

  function said(good: 'yes' | 'no', words: Mrkdwn) {
    return { good, says: paragraphs(words.mrkdwn, desk.nameOf) }
  }
  const bad = (words: Mrkdwn) => said('no', words)
  const NOT_UNDERSTOOD = bad(mrk`That was no form of this page. Nothing was done.`)

  const deeds = {
    sign,
    async abort(incident: Incident, asked: Asked, { user }: Session) {
      const plan = AbortForm.safeParse(asked.form).data?.plan
      if (plan === undefined) return NOT_UNDERSTOOD
      return wished(incident, user, { kind: 'abort', plan }, GRANTED.abort)
    },
    async plan(incident: Incident, _: Asked, { user }: Session) {
      const [first, ...others] = intentsToPlan(incident)
      if (!first) return NOT_UNDERSTOOD
      let outcome = await wished(incident, user, first, GRANTED.plan)
      for (const intent of others) {
        if (outcome.good === 'no') return outcome
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        outcome = await wished(incident, user, intent, GRANTED.plan)
      }
      return outcome
    },
  } satisfies Record<Deed, unknown>

  return {
    list: async (visit: SignedIn): Promise<Answer> =>
      page(
        incidentsPage(
          { open: desk.open(), undeclared: await desk.undeclared(), unreadable: desk.unreadable() },
          await shownTo(visit),
        ),
        visit,
      ),

    async show(id: string, visit: SignedIn): Promise<Answer> {
      const incident = await desk.incident(id)
      if (!incident) return noIncident(id, visit)
      const { user } = visit.session
      return page(
        incidentPage(incident, {
          ...(await shownTo(visit)),
          approval: desk.approval,
          open: desk.open,
          seal: ({ number, plan }) => kept.seal(sealed(user, id, number, plan?.digest ?? '')),
        }),
        visit,
      )
    },

    async act(id: string, deed: Deed, asked: Asked, visit: SignedIn): Promise<Answer> {
      const incident = await desk.incident(id)
      if (!incident) return noIncident(id, visit)
      await kept.tell(visit, await deeds[deed](incident, asked, visit.session))
      return led(`/incident/${incident.id}`, visit)
    },
  }

  async function noIncident(id: string, visit: SignedIn): Promise<Answer> {
    const says = desk.unreadable().includes(id) ? UNREADABLE : 'There is no such incident.'
    return page(messagePage({ ...(await shownTo(visit)), title: 'Not found', says }), visit, 404)
  }
}

const STALE = mrk`That form was shown to somebody else, or of another plan. Nothing was done. Read the plan as it is now, then sign it.`

/** What exactly was shown to whom. */
function sealed(user: string, incident: string, plan: number, digest: string): string {
  return JSON.stringify([user, incident, plan, digest])
}
