import { setTimeout as sleep } from 'node:timers/promises'
import { toIso } from '../../../domain/base/instant.ts'
import type { Happening } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { hostTimeMs } from './ask.ts'
import { actorOf, eventLines, type EngineEvent } from './event-lines.ts'
import { openEvents } from './open-events.ts'
import { membershipOf, type DockerServices } from './members.ts'

/** So long one answer is listened to. What was cut off without a word is found when it is over. */
const LISTEN_MS = 4 * 60_000
const BEYOND_MS = 20_000

const [SOONEST_MS, LATEST_MS] = [1_000, 60_000]

/** An Engine remembers no more of them. */
const MOST_REMEMBERED = 300

const KINDS: Readonly<Record<string, Happening['kind']>> = {
  create: 'made',
  start: 'started',
  die: 'ended',
  destroy: 'removed',
  rename: 'renamed',
}

/**
 * Tells what happens on one host until the signal ends it. One that breaks off is asked again, from where it broke off:
 * what it then still remembers is told late.
 */
export async function followHost(
  host: DockerHost,
  services: DockerServices,
  tell: (happening: Happening) => void,
  signal: AbortSignal,
): Promise<void> {
  const told = new Set<string>()
  let fromMs: number | null = null
  let waitMs = SOONEST_MS
  while (!signal.aborted) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one answer after the other
      const nowMs = await hostTimeMs(host, signal)
      fromMs ??= nowMs
      const untilMs = nowMs + LISTEN_MS
      const begunAtMs = performance.now()
      // oxlint-disable-next-line no-await-in-loop -- the same
      for await (const event of listened(host, { fromMs, untilMs }, signal)) {
        const happening = happeningIn(event, host.name, services)
        const key = `${event.Actor.ID} ${event.Action} ${event.timeNano}`
        if (!happening || told.has(key)) continue
        told.add(key)
        const [oldest] = told
        if (told.size > MOST_REMEMBERED && oldest !== undefined) told.delete(oldest)
        fromMs = Math.max(fromMs, Date.parse(happening.at))
        tell(happening)
        waitMs = SOONEST_MS
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

async function* listened(
  host: DockerHost,
  during: Parameters<typeof openEvents>[1],
  signal: AbortSignal,
): AsyncIterable<EngineEvent> {
  const deadlineMs = LISTEN_MS + BEYOND_MS
  await using answer = await openEvents(host, during, { signal, deadlineMs })
  yield* eventLines(answer.chunks)
}

function happeningIn(event: EngineEvent, host: string, services: DockerServices): Happening | null {
  const kind = Object.hasOwn(KINDS, event.Action) ? KINDS[event.Action] : undefined
  const actor = actorOf(event)
  const member = kind && membershipOf(services, actor)
  if (!kind || !member) return null
  const { id, name } = actor
  const at = toIso(Math.floor(event.timeNano / 1_000_000) || event.time * 1_000)
  return { host, service: member.service, id, name, kind, at }
}
