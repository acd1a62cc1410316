import { toMs } from '../base/instant.ts'
import { keyOf, newestFirst, sameImage, type LedgerEntry } from './ledger.ts'
import type { NewestChange } from './newest-change.ts'
import type { OtherChange } from './other-change.ts'
import { isOfImage, releasesOf, type Release } from './releases.ts'
import type { Revision, Workload } from './workload.ts'

/** The workload with what was recorded of it: what ran before, and since when it runs what it runs. */
function withHistory(workload: Workload, recorded: readonly LedgerEntry[]): Workload {
  const { service, current, madeBy: by = null } = workload
  const entries = recorded.filter((one) => one.service === service)
  if (!current || entries.length === 0) return workload
  const { uid: imageId, createdAt } = current
  const others = othersThan(imageId, entries)
  const changed = recordedChange({ service, imageId, createdAt, by }, recorded)
  return {
    ...workload,
    previous: others.map((one, index) => toRevision(one, others.length - index)),
    changed,
    otherChanges: changed ? madeAnew(changed, createdAt) : [],
  }
}

/** What runs the same image on several hosts comes there within so long. */
const ONE_RELEASE_MS = 15 * 60_000

/** A container that is younger than the release that it runs took the place of another one of the same image. */
function madeAnew(
  { service, by, since: came }: NewestChange,
  createdAt: string,
): readonly OtherChange[] {
  if (!came || toMs(createdAt) - toMs(came.time) < ONE_RELEASE_MS) return []
  const since = { time: createdAt, exact: true }
  return [{ kind: 'restart', says: `${service} got a new container of the same image`, since, by }]
}

type Runs = Pick<NewestChange, 'service' | 'by'> & {
  /** Of its image, on its host. */
  readonly imageId: string
  /** Of its newest container. */
  readonly createdAt: string
}

/** How what runs came to be, from what was recorded; `null`: it was never seen running. */
export function recordedChange(
  { service, imageId, createdAt, by }: Runs,
  recorded: readonly LedgerEntry[],
): NewestChange | null {
  const entries = recorded.filter((one) => one.service === service)
  const running = entries.find(({ image }) => image.id === imageId)
  if (!running) return null
  const [before = null] = othersThan(imageId, entries)
  return { ...changeTo(running, before, entries, { createdAt }), by }
}

function othersThan(imageId: string, entries: readonly LedgerEntry[]): readonly Release[] {
  const running = entries.find(({ image }) => image.id === imageId)
  return releasesOf(entries, []).filter((one) => !running || !isOfImage(one, running.image))
}

type List = (services: readonly string[], signal: AbortSignal) => Promise<readonly Workload[]>

/** The same list with what was recorded of each of them. Both are asked at once. */
export function listWithHistory(
  list: List,
  recorded: (services: readonly string[]) => Promise<readonly LedgerEntry[]>,
): List {
  return async (services, signal) => {
    const [running, entries] = await Promise.all([list(services, signal), recorded(services)])
    return running.map((workload) => withHistory(workload, entries))
  }
}

function toRevision({ image, entries }: Release, number: number): Revision {
  const first = newestFirst(entries).at(-1)
  return {
    number,
    uid: image.id,
    templateHash: image.id.replace('sha256:', '').slice(0, 12),
    images: [image.reference],
    content: first ? keyOf(first) : image.id,
    needs: [],
    createdAt: first?.firstSeenAt ?? '',
  }
}

/** Seen first at a look: it was there then, and maybe a minute before. One that came back did so with its container. */
function changeTo(
  { service, image, labels }: LedgerEntry,
  before: Release | null,
  entries: readonly LedgerEntry[],
  { createdAt }: Pick<Revision, 'createdAt'>,
): NewestChange {
  const isSame = (one: LedgerEntry) => sameImage(one.image, image)
  const [first] = entries
    .filter(isSame)
    .map(({ firstSeenAt }) => firstSeenAt)
    .toSorted()
  const cameBack = entries.some(
    (one) => !isSame(one) && first !== undefined && toMs(one.lastSeenAt) > toMs(first),
  )
  const since = cameBack
    ? { time: createdAt, exact: true }
    : { time: first ?? createdAt, exact: false }
  return {
    service,
    images: [image.reference],
    imagesBefore: before ? [before.image.reference] : null,
    kind: 'version',
    since,
    versionSince: null,
    by: null,
    cause: null,
    commit: labels.commit,
    source: labels.source,
    authors: labels.authors,
    builtAt: labels.builtAt,
  }
}
