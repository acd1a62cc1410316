import type { Assessment } from '../domain/assessment.ts'
import { decide } from '../domain/decide.ts'
import type { Fault } from '../domain/fault.ts'
import { isOpen, type Incident } from '../domain/incident.ts'
import type { Place, ReceivedIntent } from '../domain/intent.ts'
import { needsCare, nextAction } from '../domain/next-action.ts'
import type { Person, PersonKind } from '../domain/person.ts'
import { refused, type Refusal } from '../domain/refusal.ts'
import type { Symptom } from '../domain/symptom.ts'
import type { View } from '../domain/view.ts'
import type { People } from '../ports/conversations.ts'
import type { Journal } from '../ports/journal.ts'
import { incidentLog } from './incident-log.ts'
import { knownIncidents } from './known-incidents.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { publisher, type Publishing } from './publish.ts'

/*
 * What holds here, whatever crashes. Code and tests cite these by number.
 *
 * J1  What is about to be done is durable before it is done; its result is appended after it is verified.
 * J2  (incident, sequence) is unique. An append names the event it saw last; a loser reads again and decides again.
 * J3  State is a fold. An event illegal in that state throws; a corrupt journal stops the incident and calls a human.
 * J4  Something started without a result is carried on by looking first. An unknown outcome is never retried blind.
 * J5  Safety comes from guards at the target. A lease only saves work: two engines at once must be harmless.
 * J6  Waiting is a state, not a suspended promise. Deadlines are absolute times in the journal.
 * J7  No effect of a gated step without two distinct authorised people's unexpired approvals of the digest
 *     recomputed from the world at that moment.
 * J8  A click is durable before it is acknowledged; a message says nothing the journal does not hold.
 * J9  Every outward call has a deadline and an abort signal. A slow dependency never delays an
 *     acknowledgement or another incident.
 * J10 Unknown is a value. No default, no catch, no missing series ever turns into healthy, success or zero.
 */

/**
 * What changed this shortly before the last event there is, may not have been shown before we ended:
 * its cards are brought up to date, whether or not anything else is owed.
 */
const MAY_BE_UNSHOWN_MS = 24 * 60 * 60_000

/** How long Slack may take to say who somebody is. */
const PERSON_DEADLINE_MS = 3_000

export type EngineDeps = Omit<Publishing, 'incidents' | 'stopped' | 'cannotPost'> & {
  readonly journal: Journal
  readonly people: People
  readonly assess: (symptoms: readonly Symptom[], cancelled: AbortSignal) => Promise<Assessment>
  readonly renderRefusal: (refusal: Refusal) => View
  readonly newIncidentId: () => string
  readonly headlineChannel: string
}

type Receipt =
  | { readonly kind: 'received'; readonly incident: string }
  /** The same delivery once more: it is being taken care of. */
  | { readonly kind: 'duplicate' }
  | Refusal

/** `incident` is `null` for a wish that opens one. */
export type Wish = { readonly incident: string | null; readonly received: ReceivedIntent }

export type Engine = {
  /**
   * Makes a wish durable (J8). `incident` is `null` for a wish that opens one. Fast and without any
   * call outward; throws the journal's `Fault` when it could not be written.
   */
  receive(incident: string | null, received: ReceivedIntent): Receipt
  /** The same for wishes that came together: durable together, or the `Fault` is thrown for all. */
  receiveAll(wishes: readonly Wish[]): readonly Receipt[]
  /** Carries on with the incident until only a person or the clock can. Returns at once. */
  wake(incident: string): void
  /** Takes up everything that a process before this one left. */
  resume(): void
  /** The clock says "it is now": whatever stalled is tried again. */
  tick(): void
  load(incident: string): Incident | null
  /** The declared ones, the newest first; those whose events cannot be read are left out and reported. */
  declared(): readonly Incident[]
  /** Who is behind an account, read live; `unknown` when Slack does not say in time. */
  whoIs(user: string): Promise<PersonKind>
  /** The declared incident whose thread this is. */
  inThread(place: Place): Incident | null
  /** Resolves when everything under way has come to rest. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export function startEngine(deps: EngineDeps): Engine {
  const { log } = deps
  const stopping = new AbortController()
  const incidents = incidentLog(deps.journal)
  const known = knownIncidents(incidents, deps.journal, log)
  const messages = publisher({ ...deps, incidents, stopped: stopping.signal, cannotPost })
  const stalled = new Set<string>()

  const advancing = oneAtATime(async (id) => {
    try {
      await advance(id)
      stalled.delete(id)
    } catch (error) {
      stalled.add(id)
      log.error('an incident stalled and will be tried again', { incident: id, error })
    }
  })
  // Beside the loop, so that a slow dependency does not hold up a click on the same card (J9).
  const assessing = oneAtATime(async (id) => {
    try {
      await assessUntilTaken(id)
      advancing.run(id)
    } catch (error) {
      stalled.add(id)
      log.error('an assessment could not be finished', { incident: id, error })
    }
  })

  async function advance(id: string): Promise<void> {
    while (!stopping.signal.aborted) {
      const incident = incidents.load(id)
      messages.refresh(id)
      const action = nextAction(incident)
      switch (action.kind) {
        case 'decide':
          await settle(incident, action.received)
          break
        case 'assess':
          return assessing.run(id)
        case 'wait':
          return
        default:
          return action satisfies never
      }
    }
  }

  async function settle(incident: Incident, received: ReceivedIntent): Promise<void> {
    const { by, delivery, place } = received
    const person: Person = { id: by, kind: await whoIs(by) }
    const decision = decide(incident, received, { person, headlineChannel: deps.headlineChannel })
    const written = incidents.append(incident.id, (newest) => {
      if (newest.sequence !== incident.sequence) return null
      if (decision.kind === 'accepted') {
        return [{ type: 'intent-accepted', delivery }, ...decision.events]
      }
      const { reason, detail } = decision
      return [{ type: 'intent-refused', delivery, reason, detail }]
    })
    if (written === 'appended' && decision.kind === 'refused') tell(by, place, decision)
  }

  async function whoIs(user: string): Promise<PersonKind> {
    try {
      return await deps.people.kindOf(user, AbortSignal.timeout(PERSON_DEADLINE_MS))
    } catch (error) {
      log.warn('Slack did not say who somebody is', { user, error })
      return 'unknown'
    }
  }

  /** A symptom reported while we measured makes the answer out of date before it is given. */
  async function assessUntilTaken(id: string): Promise<void> {
    while (incidents.load(id).assessmentDueSince !== null) {
      const { symptoms } = incidents.load(id)
      const assessment = await deps.assess(symptoms, stopping.signal)
      if (stopping.signal.aborted) return
      incidents.append(id, ({ assessmentDueSince, symptoms: now }) => {
        const current = assessmentDueSince !== null && now.length === symptoms.length
        return current ? [{ type: 'assessment-taken', assessment }] : null
      })
    }
  }

  function tell(user: string, place: Place, refusal: Refusal): void {
    deps.conversations.tell(user, place, deps.renderRefusal(refusal)).catch((error: unknown) => {
      log.warn('a refusal could not be shown', { user, reason: refusal.reason, error })
    })
  }

  function cannotPost(id: string, { code, detail }: Fault): void {
    const opened = known.load(id)?.opened
    if (!opened) return
    const uninvited = code === 'not_in_channel' || code === 'channel_not_found'
    const refusal = uninvited ? refused('bot-not-in-channel') : refused('cannot-post', detail)
    tell(opened.by, opened.place, refusal)
  }

  function unusedId(): string {
    for (;;) {
      const id = deps.newIncidentId()
      if (incidents.load(id).sequence === 0) return id
    }
  }

  function receive(incident: string | null, received: ReceivedIntent): Receipt {
    if (stopping.signal.aborted) return refused('restarting')
    const refusal = incident === null ? null : known.whyNot(incident)
    if (refusal) return refusal
    const id = incident ?? unusedId()
    const { delivery } = received
    const event = { type: 'intent-received', received } as const
    const written = incidents.append(id, () => [event], { delivery })
    return written === 'duplicate' ? { kind: 'duplicate' } : { kind: 'received', incident: id }
  }

  return {
    receive,
    receiveAll(wishes) {
      if (stopping.signal.aborted) return wishes.map(() => refused('restarting'))
      return incidents.together(() =>
        wishes.map(({ incident, received }) => receive(incident, received)),
      )
    },
    wake: advancing.run,
    resume() {
      const open = known.declared().filter(isOpen)
      for (const { id } of open) {
        incidents.append(id, () => [{ type: 'backout-restarted' }])
        advancing.run(id)
      }
      const recent = deps.journal.recent(MAY_BE_UNSHOWN_MS).flatMap((id) => known.load(id) ?? [])
      for (const { id } of recent.filter(needsCare)) advancing.run(id)
      messages.catchUp(recent.map(({ id }) => id))
    },
    tick() {
      for (const id of stalled) advancing.run(id)
      messages.retry()
    },
    load: known.load,
    declared: known.declared,
    whoIs,
    inThread: known.inThread,
    settled,
    async stop() {
      stopping.abort()
      await settled()
    },
  }

  async function settled(): Promise<void> {
    while (advancing.busy || assessing.busy) {
      await Promise.all([advancing.settled(), assessing.settled()])
    }
    await messages.settled()
  }
}
