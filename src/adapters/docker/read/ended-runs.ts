import { toIso, toMs } from '../../../domain/base/instant.ts'
import { keepNewest } from '../../../domain/base/keep-newest.ts'
import type { EndedRun } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { inspected, inspectedImage } from './ask.ts'
import { actorOf, atMsOf, type EngineEvent } from './event-lines.ts'
import { digestOf, imageLabels } from './image-names.ts'
import { othersLabels } from './labels.ts'
import type { DockerServices, Membership } from './members.ts'
import { toContainer } from './to-container.ts'

type What = Pick<EndedRun, 'image' | 'labels' | 'sha256'>

type Known = {
  readonly what: What | null
  /** By the clock of the host. */
  readonly startedMs: number | null
}

/** Of each host. */
const MOST_KNOWN = 300

/** What ran in containers that have ended, by what happened to them. One that is gone is known by its image’s name, if that still means it. */
export function endedRuns(host: DockerHost, services: DockerServices) {
  const known = new Map<string, Known>()

  const keep = (id: string, one: Known): void => keepNewest(known, [id, one], MOST_KNOWN)

  /** A host that does not tell leaves it to whoever looks. */
  const seen = async (
    event: EngineEvent,
    member: Membership,
    signal: AbortSignal,
  ): Promise<Known> =>
    lookAt({ host, services, member, event }, signal).catch(() => {
      signal.throwIfAborted()
      return { what: null, startedMs: null }
    })

  return {
    /** `aheadMs`: by how much the clock of the host is before ours. */
    async of(
      event: EngineEvent,
      member: Membership,
      aheadMs: number,
      signal: AbortSignal,
    ): Promise<EndedRun | null> {
      if (member.role === 'kept') return null
      const { id } = actorOf(event)
      const before = known.get(id)
      if (event.Action === 'start') {
        const { what } = before?.what ? before : await seen(event, member, signal)
        keep(id, { what, startedMs: atMsOf(event) })
        return null
      }
      if (event.Action !== 'die') return null
      const isKnown = before?.what && before.startedMs !== null
      const now = isKnown ? before : await seen(event, member, signal)
      const what = before?.what ?? now.what
      const endedMs = atMsOf(event)
      const startedMs = before?.startedMs ?? ranSince(event, endedMs) ?? now.startedMs
      keep(id, { what, startedMs: null })
      if (!what || startedMs === null || startedMs > endedMs) return null
      const [startedAt, endedAt] = [startedMs, endedMs].map((ms) => toIso(ms - aheadMs))
      if (startedAt === undefined || endedAt === undefined) return null
      return { ...what, service: member.service, host: host.name, id, startedAt, endedAt }
    },
  }
}

type Looked = {
  readonly host: DockerHost
  readonly services: DockerServices
  readonly member: Membership
  readonly event: EngineEvent
}

async function lookAt(looked: Looked, signal: AbortSignal): Promise<Known> {
  const { host, services, member, event } = looked
  const seen = await inspected(host, actorOf(event).id, signal)
  if (!seen) return { what: await byItsName(looked, signal), startedMs: null }
  const image = await inspectedImage(host, seen.Image, signal)
  const nothing = { obstacles: [], mayNotEnd: [], nowMs: 0 }
  const around = { host: host.name, services, member, image, ...nothing }
  const { startedAt, ...what } = toContainer(seen, around)
  const { labels, sha256 } = what
  // Started again meanwhile: that is another run.
  const startedMs = startedAt === null ? null : toMs(startedAt)
  return { what: { image: what.image, labels, sha256 }, startedMs }
}

/** A name that was given to an image after that container had begun may have meant another one then. */
async function byItsName({ host, event }: Looked, signal: AbortSignal): Promise<What | null> {
  const { labels } = actorOf(event)
  const reference = labels['image'] ?? ''
  const image = reference === '' ? null : await inspectedImage(host, reference, signal)
  if (!image) return null
  const isSure = image.Id === reference || toMs(image.Metadata.LastTagTime || NEVER) < atMsOf(event)
  const isNamed = image.RepoTags.includes(reference) || image.RepoDigests.includes(reference)
  if (!isSure || (image.Id !== reference && !isNamed)) return null
  return {
    image: { id: image.Id, reference, digest: digestOf(reference, image) },
    labels: imageLabels(othersLabels(image.Config.Labels)),
    sha256: null,
  }
}

const NEVER = '9999-12-31T00:00:00Z'

/** Seconds; Engines since 23.0 tell them. */
function ranSince(event: EngineEvent, endedMs: number): number | null {
  const seconds = Number(event.Actor.Attributes['execDuration'] ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? endedMs - seconds * 1_000 : null
}
