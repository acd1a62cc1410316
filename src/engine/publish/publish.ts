import { backoffMs } from '../../domain/base/backoff.ts'
import { Fault } from '../../domain/base/fault.ts'
import { messageOf, postedAs, type Incident } from '../../domain/incident/incident.ts'
import type { Surface } from '../../domain/incident/surface.ts'
import { isNote, surfacesOf } from '../../domain/incident/surfaces.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { messageDelivery } from './deliver-message.ts'
import { messageKey, messageOfKey } from './message-key.ts'
import type { Publishing } from './publishing.ts'

/** How long to wait before trying again when Slack does not say: doubled each time up to the second one. */
const RETRY = { firstMs: 1_000, lastMs: 30_000 } as const

/** How long to wait after Slack refused for good: doubled each time up to the second one. */
const REFUSED = { firstMs: 10_000, lastMs: 600_000 } as const

export type Publisher = {
  /** Brings every message of the incident up to date, soon. Returns at once. */
  refresh(id: string): void
  /** The same for many, one after the other: what happens now goes before what happened yesterday. */
  catchUp(ids: readonly string[]): void
  /** Tries again what Slack refused for good: somebody may have invited us, or made room. */
  retry(): void
  /** Resolves when nothing is left to send. */
  settled(): Promise<void>
}

type GivenUp = { readonly id: string; readonly failures: number; readonly dueAtMs: number }

/** Messages are projections: this sends what changed, once, and knows where each message is (J8). */
export function publisher(deps: Publishing): Publisher {
  const givenUp = new Map<string, GivenUp>()
  /** A card says what the state says: as long as that is the same, there is nothing to send. */
  const shown = new WeakSet<Incident>()
  const deliver = messageDelivery(deps)

  const sending = oneAtATime(bringUpToDate)
  // One after the other, so that a thread reads in the order in which things happened.
  const posting = oneAtATime(async (id) => {
    try {
      for (const surface of surfacesOf(await deps.incidents.load(id))) {
        const message = messageOf(await deps.incidents.load(id), surface)
        if (message?.kind !== 'delivered') await sending.finish(messageKey(surface, id))
      }
    } catch (error) {
      if (isUnreadable(id)) return
      deps.log.error('the messages of an incident cannot be sent', { incident: id, error })
    }
  })

  async function bringUpToDate(key: string): Promise<void> {
    const { surface, id } = messageOfKey(key)
    for (let failures = 0; !deps.stopped.aborted;) {
      try {
        const outcome = await deliver(id, surface)
        failures = 0
        givenUp.delete(key)
        // What belongs below it may have waited for it.
        if (outcome === 'posted') posting.run(id)
        if (outcome === 'unchanged') return
      } catch (error) {
        if (!(error instanceof Fault) || error.kind === 'terminal') {
          return giveUp(id, surface, key, error)
        }
        failures += 1
        deps.log.warn('a message waits for Slack', { incident: id, surface, error })
        await deps.sleep(error.retryAfterMs ?? backoffMs(failures, RETRY), deps.stopped)
      }
    }
  }

  /** Nothing is said in an incident that cannot be read, and why was told where it was found. */
  function isUnreadable(id: string): boolean {
    return deps.incidents.unreadable().has(id)
  }

  function giveUp(id: string, surface: Surface, key: string, error: unknown): void {
    if (isUnreadable(id)) return void givenUp.delete(key)
    const failures = (givenUp.get(key)?.failures ?? 0) + 1
    givenUp.set(key, { id, failures, dueAtMs: deps.clock.now() + backoffMs(failures, REFUSED) })
    if (failures > 1) return
    deps.log.error('a message could not be sent', { incident: id, surface, error })
    if (error instanceof Fault && error.dependency === 'slack') {
      deps.cannotPost(id, error)
    }
  }

  const refreshing = oneAtATime(async (id) => {
    await deps.breathe()
    if (!isShown(id)) showNow(id)
  })

  function refresh(id: string): void {
    if (!isShown(id)) refreshing.run(id)
  }

  function isShown(id: string): boolean {
    const incident = deps.incidents.inMemory(id)
    return incident !== null && shown.has(incident)
  }

  function showNow(id: string): void {
    const incident = deps.incidents.inMemory(id)
    if (incident) shown.add(incident)
    for (const surface of incident ? surfacesOf(incident) : []) {
      const posted = incident && postedAs(incident, surface) !== null
      if (posted && !isNote(surface)) sending.run(messageKey(surface, id))
    }
    posting.run(id)
  }

  return {
    refresh,
    catchUp(ids) {
      void (async () => {
        for (const id of ids) {
          await refreshing.finish(id)
          await posting.finish(id)
          await sending.settled()
        }
      })()
    },
    retry() {
      for (const [key, { id, dueAtMs }] of givenUp) {
        if (dueAtMs > deps.clock.now()) continue
        if (deps.incidents.inMemory(id)?.closed) givenUp.delete(key)
        else sending.run(key)
      }
    },
    async settled() {
      const all = [refreshing, sending, posting]
      while (all.some(({ busy }) => busy)) await Promise.all(all.map((one) => one.settled()))
    },
  }
}
