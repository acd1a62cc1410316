import { toMs } from '../base/instant.ts'
import { isSameVersion } from './service-pages.ts'
import { versionOf, type Revision } from './workload.ts'

type Images = Pick<Revision, 'images'>

/** A version that was replaced sooner than this did not prove itself. */
export const TRUSTED_AFTER_MS = 10 * 60_000

/** So much of a digest tells two builds apart. */
const SHORT_DIGEST = 12

/** What people call it: the tag of its own image, with its digest where that is pinned: `stable@9f86d081884c`. */
export function ownVersion({ images: [own = ''] }: Images): string {
  const version = versionOf(own)
  const digest = own.split('@sha256:')[1]?.slice(0, SHORT_DIGEST)
  if (digest === undefined) return version
  return version.startsWith('sha256:') ? `sha256:${digest}` : `${version}@${digest}`
}

/** `sha256:9f86d081884c` of a whole digest. */
export function shortDigest(digest: string): string {
  return `sha256:${digest.replace(/^sha256:/, '').slice(0, SHORT_DIGEST)}`
}

/** The tag of what was asked for; `null`: it was asked for by its digest or its id, and has none. */
export function versionOfReference(reference: string): string | null {
  const version = reference.startsWith('sha256:') ? reference : versionOf(reference)
  return version.startsWith('sha256:') ? null : version
}

/** What the service may tell as its version: the tag of its own image. A sidecar's tag is not its version. */
export function toldVersions({ images: [own = ''] }: Images): readonly string[] {
  return [versionOf(own)]
}

/** Whether somebody who names this version means it. */
export function isOfVersion(revision: Images, version: string): boolean {
  const named = [ownVersion(revision), ...toldVersions(revision)]
  return named.some((one) => isSameVersion(one, version))
}

/** Whether both run the very same images, digests included; the order of containers means nothing. */
export function sameImages(one: Images, other: Images): boolean {
  return one.images.toSorted().join() === other.images.toSorted().join()
}

/** Whether one runs everything that the other does, and maybe more beside it. */
export function includesImages(one: Images, other: Images): boolean {
  return other.images.every((image) => one.images.includes(image))
}

/**
 * A tag that is pushed again and again: without a digest, and without a number in it. What it stands for is
 * whatever was pushed last.
 */
export function isMovingTag(image: string): boolean {
  return !image.includes('@') && !/\d/.test(versionOf(image))
}

/** It got a new number without being made anew: one with a lower number is younger. */
export function hasNewNumber(
  { number, createdAt }: Pick<Revision, 'number' | 'createdAt'>,
  others: readonly Pick<Revision, 'number' | 'createdAt'>[],
): boolean {
  return others.some((one) => one.number < number && toMs(one.createdAt) > toMs(createdAt))
}
