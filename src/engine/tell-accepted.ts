import type { View } from '../domain/base/view.ts'
import type { Event } from '../domain/incident/event.ts'
import type { Incident } from '../domain/incident/incident.ts'
import type { ReceivedIntent } from '../domain/incident/intent.ts'
import type { Posted } from '../domain/outbox/outbox.ts'
import type { Sleep } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'
import type { Log } from '../ports/log.ts'
import type { IncidentLog } from './journal/incident-log.ts'

export type Granted = { readonly received: ReceivedIntent; readonly events: readonly Event[] }

/** The words of it. */
export type AcceptedWords = {
  wantsAnswer(granted: Granted, incident: Incident): boolean
  /** `null` while it is not posted. */
  leadsTo(granted: Granted, incident: Incident): Posted | null
  render(granted: Granted, incident: Incident, url: string | null): View
}

/** How long a thread that is only being opened is waited for. */
const PATIENCE = { times: 12, everyMs: 250 } as const

/**
 * Says to whoever typed a wish what becomes of it, and where. Beside everything else: nothing waits for it,
 * and that it could not be said changes nothing.
 */
export function acceptanceTeller(deps: {
  readonly incidents: IncidentLog
  readonly conversations: Conversations
  readonly accepted: AcceptedWords
  readonly sleep: Sleep
  readonly stopped: AbortSignal
  readonly log: Log
}) {
  const { accepted, conversations, log } = deps
  const under = new Set<Promise<void>>()

  async function tell(id: string, granted: Granted): Promise<void> {
    const { by, place } = granted.received
    try {
      if (!accepted.wantsAnswer(granted, await deps.incidents.load(id))) return
      const posted = await whereItIs(id, granted)
      const url = posted && (await conversations.linkTo(posted))
      if (deps.stopped.aborted) return
      const incident = await deps.incidents.load(id)
      await conversations.tell(by, place, accepted.render(granted, incident, url))
    } catch (error) {
      log.warn('what becomes of a wish could not be shown', { user: by, error })
    }
  }

  async function whereItIs(id: string, granted: Granted): Promise<Posted | null> {
    for (let time = 0; time < PATIENCE.times && !deps.stopped.aborted; time += 1) {
      // oxlint-disable-next-line no-await-in-loop -- it is looked for until it is there
      const posted = accepted.leadsTo(granted, await deps.incidents.load(id))
      if (posted) return posted
      // oxlint-disable-next-line no-await-in-loop -- as above
      await deps.sleep(PATIENCE.everyMs, deps.stopped)
    }
    return null
  }

  return {
    /** Returns at once. */
    tell(id: string, granted: Granted): void {
      const telling = tell(id, granted)
      under.add(telling)
      void telling.finally(() => under.delete(telling))
    },
    /** Resolves when nothing is left to say. */
    async settled(): Promise<void> {
      await Promise.all(under)
    },
  }
}
