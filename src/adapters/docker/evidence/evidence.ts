import { z } from 'zod'
import { unlessRefused } from '../../../domain/base/unless-refused.ts'
import { redactedObject } from '../../../domain/text/redacted-object.ts'
import type { EvidencePiece } from '../../../ports/workloads.ts'
import type { DockerHost } from '../client/client.ts'
import { containerPath, hostTimeMs, inspected, listed, nameOf } from '../read/ask.ts'
import { membersOf, type Member } from '../read/look.ts'
import { membershipOf, type DockerServices } from '../read/members.ts'
import { containerLog, unreadable } from './container-log.ts'
import type { Actor } from '../read/event-lines.ts'
import { eventsOf } from './events.ts'
import { redactedText } from './redacted-text.ts'
import { redactedVariables } from './redacted-variables.ts'

/** Of each container, so that no log fills the disk. */
const mostBytes = 16 * 1024 * 1024
const mostLines = 50_000
const deadlineMs = 60_000
const eventsSinceMs = 60 * 60_000

/** Everything of one host about the service that explains a failure later. */
export async function* evidenceAt(
  host: DockerHost,
  services: DockerServices,
  service: string,
  signal: AbortSignal,
): AsyncIterable<EvidencePiece> {
  const [all, nowMs] = await Promise.all([listed(host, signal), hostTimeMs(host, signal)])
  const members = membersOf(all, services, [service])
  if (members.length === 0) return
  const folder = `${service}/${host.name}`
  const isOfService = (actor: Actor): boolean => membershipOf(services, actor)?.service === service
  for (const member of members) yield* evidenceOf(host, member, folder, signal)
  yield await unlessRefused(`${folder}/events.json`, { signal }, async (name) => {
    const since = { fromMs: nowMs - eventsSinceMs, untilMs: nowMs }
    return json(name, await eventsOf(host, since, isOfService, signal))
  })
}

/** Of what never ran there is nothing to read but what it is. */
async function* evidenceOf(
  host: DockerHost,
  { one }: Member,
  folder: string,
  signal: AbortSignal,
): AsyncIterable<EvidencePiece> {
  const at = `${folder}/${nameOf(one)}`
  const path = containerPath(one.Id)
  yield await unlessRefused(`${at}.json`, { signal }, async (name) =>
    json(name, await host.get(z.unknown(), { path: `${path}/json`, signal })),
  )
  if (one.State === 'created') return
  if (one.State === 'running') {
    yield await unlessRefused(`${at}.stats.json`, { signal }, async (name) => {
      const query = { stream: 'false' }
      return json(name, await host.get(z.unknown(), { path: `${path}/stats`, query, signal }))
    })
  }
  await using streams = new AsyncDisposableStack()
  yield await unlessRefused(`${at}.log`, { signal }, async (name) => {
    const seen = await inspected(host, one.Id, signal)
    const why = seen ? unreadable(seen) : 'the container is not there any more'
    if (!seen || why !== null) return { name, skipped: why ?? '' }
    const wanted = { tail: mostLines, mostBytes, signal, deadlineMs }
    const log = streams.use(await containerLog(host, seen, wanted))
    return { name, text: redactedText(log.lines, log.isCut) }
  })
}

function json(name: string, value: unknown): EvidencePiece {
  const shown = redactedObject(value, redactedVariables)
  return {
    name,
    text: (async function* () {
      yield `${JSON.stringify(shown, null, 2)}\n`
    })(),
  }
}
