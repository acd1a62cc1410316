import { setTimeout as sleep } from 'node:timers/promises'
import { toIso } from '../../../domain/base/instant.ts'
import { keepNewest } from '../../../domain/base/keep-newest.ts'
import type { Happening } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { hostTimeMs } from './ask.ts'
import { endedRuns } from './ended-runs.ts'
import { actorOf, atMsOf, eventLines, type EngineEvent } from './event-lines.ts'
import { openEvents } from './open-events.ts'
import { membershipOf, type DockerServices } from './members.ts'

/** So long one answer is listened to. What was cut off without a word is found when it is over. */
const LISTEN_MS = 4 * 60_000
const BEYOND_MS = 20_000

const [SOONEST_MS, LATEST_MS] = [1_000, 60_000]

/** An Engine remembers less: the last 256 of all that happened, or 1,000. */
const REMEMBERED_MS = 24 * 60 * 60_000
const MOST_REMEMBERED = 1_000

const KINDS: Readonly<Record<string, Happening['kind']>> = {
  create: 'made',
  start: 'started',
  die: 'ended',
  destroy: 'removed',
  rename: 'renamed',
}

/**
 * Tells what happens on one host until the signal ends it, and first what it still remembers of before. One that breaks
 * off is asked again, from where it broke off.
 */
export async function followHost(
  host: DockerHost,
  services: DockerServices,
  { tell, now }: { readonly tell: (happening: Happening) => void; readonly now: () => number },
  signal: AbortSignal,
): Promise<void> {
  const told = toldOnce()
  const runs = endedRuns(host, services)
  let fromMs: number | null = null
  let waitMs = SOONEST_MS

  async function heard(event: EngineEvent, aheadMs: number): Promise<void> {
    const member = membershipOf(services, actorOf(event))
    const happening = member && happeningIn(event, host.name, member.service)
    if (!happening || !told.isNew(event)) return
    const run = await runs.of(event, member, aheadMs, signal)
    fromMs = Math.max(fromMs ?? 0, Date.parse(happening.at))
    tell(run ? { ...happening, run } : happening)
    waitMs = SOONEST_MS
  }

  while (!signal.aborted) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one answer after the other
      const nowMs = await hostTimeMs(host, signal)
      const aheadMs = nowMs - now()
      fromMs ??= nowMs - REMEMBERED_MS
      const untilMs = nowMs + LISTEN_MS
      const begunAtMs = performance.now()
      // oxlint-disable-next-line no-await-in-loop -- the same
      for await (const event of listened(host, { fromMs, untilMs }, signal)) {
        await heard(event, aheadMs)
      }
      if (performance.now() - begunAtMs < LISTEN_MS - BEYOND_MS) throw new Error('it broke off')
      waitMs = SOONEST_MS
    } catch {
      // oxlint-disable-next-line no-await-in-loop -- the host is given time
      await sleep(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
      waitMs = Math.min(LATEST_MS, waitMs * 2)
    }
  }
}

/** What happened in the moment in which an answer ended is told by the next one, too. */
function toldOnce() {
  const told = new Map<string, true>()
  return {
    isNew(event: EngineEvent): boolean {
      const key = `${event.Actor.ID} ${event.Action} ${event.timeNano}`
      if (told.has(key)) return false
      keepNewest(told, [key, true], MOST_REMEMBERED)
      return true
    },
  }
}

async function* listened(
  host: DockerHost,
  during: Parameters<typeof openEvents>[1],
  signal: AbortSignal,
): AsyncIterable<EngineEvent> {
  const deadlineMs = LISTEN_MS + BEYOND_MS
  await using answer = await openEvents(host, during, { signal, deadlineMs })
  yield* eventLines(answer.chunks)
}

function happeningIn(event: EngineEvent, host: string, service: string): Happening | null {
  const kind = Object.hasOwn(KINDS, event.Action) ? KINDS[event.Action] : undefined
  if (!kind) return null
  const { id, name } = actorOf(event)
  return { host, service, id, name, kind, at: toIso(atMsOf(event)) }
}
