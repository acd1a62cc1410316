import { toMs } from '../base/instant.ts'
import { shortDigest, TRUSTED_AFTER_MS, versionOfReference } from './versions.ts'

/** What a container is made from, by identities that cannot be used again. */
export type ImageId = {
  /** Of the image on that host: `sha256:…`. A container is created from it. */
  readonly id: string
  /** Under which it can be pulled: `registry.example/shop/backend@sha256:…`; `null`: it never was in a registry. */
  readonly digest: string | null
  /** As it was asked for: `shop/backend:v1.9.0`. */
  readonly reference: string
}

/** What it says of itself, in the labels of the Open Container Initiative; `null`: it says nothing. */
export type ImageLabels = {
  readonly version: string | null
  readonly commit: string | null
  readonly source: string | null
  readonly authors: string | null
  readonly builtAt: string | null
}

/** One state that a service was seen in on one host, over all times it ran there. */
export type LedgerEntry = {
  readonly service: string
  readonly host: string
  /** With the reference that was seen last, and with its digest as soon as that was seen once. */
  readonly image: ImageId
  readonly labels: ImageLabels
  /** Under which names it was seen, the newest first: a tag may move from one image to the next. */
  readonly references: readonly string[]
  /** Of all that the container was created with beside its image. */
  readonly sha256: string
  readonly firstSeenAt: string
  /** When it last began to run there. */
  readonly startedAt: string
  readonly lastSeenAt: string
  /** How long it ran, over all times. Milliseconds. */
  readonly ranMs: number
  readonly hasHealthCheck: boolean
  /** How long of that its own health check said that it was healthy. */
  readonly healthyMs: number
  readonly lastHealthyAt: string | null
  /** Ids of the containers that were healthy at {@link lastSeenAt}: from there on their time counts. */
  readonly healthyIn: readonly string[]
}

/** A container as it is seen at one moment: as much of it as the ledger asks for. */
export type SeenContainer = {
  readonly service: string
  readonly host: string
  readonly id: string
  /** `kept`: made to be run again later, and never started. */
  readonly role: 'serving' | 'kept'
  readonly image: ImageId
  readonly labels: ImageLabels
  readonly sha256: string
  /** As its host says it. */
  readonly state: string
  /** `none`: it has no health check. */
  readonly health: 'none' | 'starting' | 'healthy' | 'unhealthy'
  /** How long it has been running by the clock of its host; `null`: it does not run. Milliseconds. */
  readonly runningMs: number | null
}

/** A run of a container that is over. Its times are by our clock. */
export type EndedRun = Pick<SeenContainer, 'service' | 'host' | 'id' | 'image' | 'labels'> & {
  /** `null`: it was gone before anybody could ask what it was created with. */
  readonly sha256: string | null
  readonly startedAt: string
  readonly endedAt: string
}

/** In the place of a hash: what it was created with beside its image nobody could ask. */
export const SETTINGS_NOT_KNOWN = 'not known'

/** So many states of one service on one host are kept. */
export const MAX_STATES = 50

/** So many of those that proved themselves are kept however many came after them. */
const PROVED_KEPT = 5

/** What two entries are the same by: service, host, image and hash. */
export function keyOf({
  service,
  host,
  image,
  sha256,
}: Pick<LedgerEntry, 'service' | 'host' | 'image' | 'sha256'>): string {
  return JSON.stringify([service, host, image.id, sha256])
}

/** Whether both are the same build. Hosts of different platforms have different ids of it, with one digest. */
export function sameImage(one: ImageId, other: ImageId): boolean {
  if (one.id === other.id) return true
  const digest = digestOf(one)
  return digest !== null && digest === digestOf(other)
}

/** `sha256:…` under which a registry has it, whichever registry that is. */
export function digestOf({ digest }: ImageId): string | null {
  return digest === null ? null : digest.slice(digest.indexOf('@') + 1)
}

/** What people call it: what it says of itself, else its tag, else the beginning of its digest. */
export function imageVersion({ image, labels }: Pick<LedgerEntry, 'image' | 'labels'>): string {
  return (
    labels.version ??
    versionOfReference(image.reference) ??
    shortDigest(digestOf(image) ?? image.id)
  )
}

/** Whether its host runs what it is made for: it was healthy there, or ran for as long as proves a version. */
export function hasRunWell({
  ranMs,
  healthyMs,
}: Pick<LedgerEntry, 'ranMs' | 'healthyMs'>): boolean {
  return healthyMs > 0 || ranMs >= TRUSTED_AFTER_MS
}

export function newestFirst(entries: readonly LedgerEntry[]): readonly LedgerEntry[] {
  return entries.toSorted((a, b) => {
    const ms = toMs(b.lastSeenAt) - toMs(a.lastSeenAt) || toMs(b.startedAt) - toMs(a.startedAt)
    return ms === 0 ? (keyOf(a) < keyOf(b) ? -1 : 1) : ms
  })
}

/**
 * What need not be kept of the states of one service on one host: the oldest beyond {@link MAX_STATES}, but
 * never what was seen just now or last, nor the newest that proved themselves.
 */
export function forgotten(
  entries: readonly LedgerEntry[],
  justSeen: ReadonlySet<string>,
): readonly LedgerEntry[] {
  const sorted = newestFirst(entries)
  const proved = sorted.filter(({ ranMs }) => ranMs >= TRUSTED_AFTER_MS).slice(0, PROVED_KEPT)
  const isLast = ({ lastSeenAt }: LedgerEntry) => lastSeenAt === sorted[0]?.lastSeenAt
  const isNeeded = (one: LedgerEntry) =>
    isLast(one) || proved.includes(one) || justSeen.has(keyOf(one))
  const others = sorted.filter((one) => !isNeeded(one))
  return others.slice(Math.max(0, MAX_STATES - (sorted.length - others.length)))
}
