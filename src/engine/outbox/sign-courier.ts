import type { View } from '../../domain/base/view.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { planOf, postedAs } from '../../domain/incident/incident.ts'
import { lacksSignatures } from '../../domain/incident/pages.ts'
import type { Posted } from '../../domain/outbox/outbox.ts'
import type { Conversations, People } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import type { Courier, Owed } from './couriers.ts'

/** A person, and no group of them. */
const PERSON = /^[UW][A-Z0-9]+$/

/** Of one group: more would not be told within the time that a call may take. */
const MOST_MEMBERS = 20

/**
 * Asks whoever can sign, by direct message, once with each call for signatures. Where it is not known
 * whether it arrived it is not said again: the thread says it too.
 */
export function signCourier(deps: {
  readonly conversations: Conversations
  readonly people: Pick<People, 'membersOf'>
  /** Who is asked to sign the plan in that call: people, and groups of them. */
  readonly whom: (incident: Incident, plan: number, call: number) => readonly string[]
  /** Those of these people who can sign it still. */
  readonly among: (incident: Incident, plan: number, people: readonly string[]) => readonly string[]
  readonly render: (incident: Incident, plan: number, link: string | null) => View
  readonly log: Log
}): Courier<'direct-message'> {
  const { conversations, log } = deps

  function asked(incident: Incident, plan: number): readonly string[] {
    const call = planOf(incident, plan)?.escalations ?? 0
    return call > 0 && lacksSignatures(incident, plan) ? deps.whom(incident, plan, call) : []
  }

  function owedFor(incident: Incident, plan: number): readonly Owed<'direct-message'>[] {
    const call = planOf(incident, plan)?.escalations ?? 0
    return asked(incident, plan).map((whom) => {
      return { key: `sign-${plan}-${call}-${whom}`, to: { whom, plan } }
    })
  }

  async function peopleIn(
    incident: Incident,
    { whom, plan }: Owed<'direct-message'>['to'],
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    if (PERSON.test(whom)) return [whom]
    const members = await deps.people.membersOf(whom, signal)
    // Whoever is named beside their group is asked for themselves.
    const others = members.filter((one) => !asked(incident, plan).includes(one))
    return deps.among(incident, plan, others).slice(0, MOST_MEMBERS)
  }

  return {
    kind: 'direct-message',
    owed: (incident) => incident.plans.flatMap(({ number }) => owedFor(incident, number)),
    async send(incident, { key, to }, signal): Promise<Posted> {
      const people = await peopleIn(incident, to, signal)
      const card = postedAs(incident, `plan-${to.plan}`)
      const link = card && (await conversations.linkTo(card))
      const view = deps.render(incident, to.plan, link)
      const told = await Promise.allSettled(
        people.map(async (channel): Promise<Posted> => {
          const place = { channel, thread: null }
          return { channel, ...(await conversations.post(place, view, `${key}:${incident.id}`)) }
        }),
      )
      const failed = told.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
      const posted = told.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
      const [first] = posted
      // Once somebody was asked, asking the others again would ask that one twice.
      if (!first && failed.length > 0) throw failed[0]
      for (const error of failed) {
        log.warn('somebody could not be asked to sign by direct message', {
          incident: incident.id,
          error,
        })
      }
      return first ?? { channel: to.whom, ts: '' }
    },
  }
}
