import {
  digestOf,
  imageVersion,
  newestFirst,
  sameImage,
  type ImageId,
  type ImageLabels,
  type LedgerEntry,
  type SeenContainer,
} from './ledger.ts'
import { shortDigest, versionOfReference } from './versions.ts'

/** One image of a service, with all states it was seen in, on whatever host and with whatever settings. */
export type Release = {
  readonly image: ImageId
  readonly labels: ImageLabels
  /** The newest first. None: it is there and was never seen running. */
  readonly entries: readonly LedgerEntry[]
  /** What people call it, with its digest where another one of the service is called the same. */
  readonly name: string
  /** All that may be meant by: what it says of itself, and every tag it was seen under. */
  readonly names: readonly string[]
}

type Unnamed = Pick<Release, 'image' | 'labels' | 'entries'>

/** Those that are there and never ran, then those that were seen, the newest first. */
export function releasesOf(
  entries: readonly LedgerEntry[],
  now: readonly Pick<SeenContainer, 'image' | 'labels'>[],
): readonly Release[] {
  const releases: Unnamed[] = []
  for (const entry of newestFirst(entries)) {
    const at = releases.findIndex((one) => isOfImage(one, entry.image))
    const known = releases[at]
    if (known) releases[at] = { ...known, entries: [...known.entries, entry] }
    else releases.push({ image: entry.image, labels: entry.labels, entries: [entry] })
  }
  for (const { image, labels } of now) {
    const isKnown = releases.some((one) => isOfImage(one, image))
    if (!isKnown) releases.unshift({ image, labels, entries: [] })
  }
  return releases.map((one) => withNames(one, releases))
}

/** Whether it is this build, by what any of its hosts knows of it. */
export function isOfImage(release: Unnamed, image: ImageId): boolean {
  return imagesOf(release).some((one) => sameImage(one, image))
}

/** Whether somebody who writes this means its digest, or its id on a host, or enough of one of them. */
export function beginsWith(release: Unnamed, written: string): boolean {
  const start = /^(?:sha256:)?([0-9a-f]{6,64})$/i.exec(written)?.[1]?.toLowerCase()
  if (start === undefined) return false
  return imagesOf(release)
    .flatMap((image) => [image.id, digestOf(image) ?? image.id])
    .some((digest) => digest.startsWith(`sha256:${start}`))
}

function imagesOf({ image, entries }: Unnamed): readonly ImageId[] {
  return [image, ...entries.map((entry) => entry.image)]
}

function withNames(release: Unnamed, all: readonly Unnamed[]): Release {
  const { image, entries } = release
  const version = imageVersion(release)
  const isShared = all.some((one) => one !== release && imageVersion(one) === version)
  const short = shortDigest(digestOf(image) ?? image.id)
  const name =
    isShared && version !== short ? `${version}@${short.slice('sha256:'.length)}` : version
  const references = [image.reference, ...entries.flatMap((entry) => entry.references)]
  const tags = references.flatMap((reference) => versionOfReference(reference) ?? [])
  return { ...release, name, names: [...new Set([name, version, ...tags])] }
}
