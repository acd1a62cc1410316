import type { View } from '../../domain/base/view.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { planOf, postedAs } from '../../domain/incident/incident.ts'
import { lacksSignatures } from '../../domain/incident/pages.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Courier, Owed } from './couriers.ts'

/** A person, and no group of them: only a person has a place of their own in Slack. */
const PERSON = /^[UW][A-Z0-9]+$/

/**
 * Asks each person who can sign, by direct message, once with each call for signatures. Where the answer of
 * Slack was lost it is not said again: the thread says it too.
 */
export function signCourier(deps: {
  readonly conversations: Conversations
  /** Who is asked to sign the plan in that call: people, and groups of them. */
  readonly whom: (incident: Incident, plan: number, call: number) => readonly string[]
  readonly render: (incident: Incident, plan: number, link: string | null) => View
}): Courier<'direct-message'> {
  const { conversations } = deps

  function owedFor(incident: Incident, plan: number): readonly Owed<'direct-message'>[] {
    const call = planOf(incident, plan)?.escalations ?? 0
    if (call === 0 || !lacksSignatures(incident, plan)) return []
    const people = deps.whom(incident, plan, call).filter((one) => PERSON.test(one))
    return people.map((user) => {
      return { key: `sign-${plan}-${call}-${user}`, to: { user, plan } }
    })
  }

  return {
    kind: 'direct-message',
    owed: (incident) => incident.plans.flatMap(({ number }) => owedFor(incident, number)),
    async send(incident, { key, to }) {
      const card = postedAs(incident, `plan-${to.plan}`)
      const link = card && (await conversations.linkTo(card))
      const view = deps.render(incident, to.plan, link)
      const place = { channel: to.user, thread: null }
      const { ts } = await conversations.post(place, view, `${key}:${incident.id}`)
      return { channel: to.user, ts }
    },
  }
}
