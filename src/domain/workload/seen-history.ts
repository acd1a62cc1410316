import { toMs } from '../base/instant.ts'
import { sameImage, type LedgerEntry, type SeenContainer } from './ledger.ts'
import type { Came, History } from './history.ts'
import { isOfImage, releasesOf, type Release } from './releases.ts'

type Now = Pick<SeenContainer, 'image' | 'labels'> & { readonly createdAt: string }

/**
 * What is told by the looks at a service: an image came between the last look at another one and the first look at
 * it. What was seen before that and came back came, once more, with the container that runs now.
 */
export function seenHistory(
  service: string,
  now: readonly Now[],
  recorded: readonly LedgerEntry[],
): History {
  const entries = recorded.filter((one) => one.service === service)
  const releases = releasesOf(entries, now)
  const came = releases.flatMap((release): readonly Came[] => {
    const running = now.filter(({ image }) => isOfImage(release, image))
    const createdMs = Math.max(...running.map(({ createdAt }) => toMs(createdAt)))
    const name = `${service} ${release.name}`
    const firstMs = Math.min(...release.entries.map((one) => toMs(one.firstSeenAt)))
    const withContainer = { name, afterMs: createdMs, byMs: createdMs }
    if (release.entries.length === 0) return [withContainer]
    const others = entries.filter((one) => !isOf(release, one))
    const first = { name, byMs: firstMs, afterMs: lastLookMs(others, firstMs) }
    const back = others.filter((one) => toMs(one.lastSeenAt) > firstMs)
    if (back.length === 0) return [first]
    const lastMs = Math.max(...release.entries.map((one) => toMs(one.lastSeenAt)))
    const between = back.filter((one) => toMs(one.lastSeenAt) < lastMs)
    if (between.length === 0) return [first]
    if (running.length > 0) return [withContainer, first]
    // Nobody looked at the moment at which it came back; it was after those that came between.
    const afterMs = Math.max(...between.map((one) => toMs(one.lastSeenAt)))
    return [{ name, afterMs, byMs: lastMs }, first]
  })
  return { service, came: came.toSorted((a, b) => b.byMs - a.byMs || 0) }
}

function isOf({ entries }: Release, { image }: LedgerEntry): boolean {
  return entries.some((one) => sameImage(one.image, image))
}

/** Until then another one was seen in its place; nothing before it: it may have been there for ever. */
function lastLookMs(others: readonly LedgerEntry[], firstMs: number): number {
  const looks = others.map((one) => toMs(one.lastSeenAt)).filter((ms) => ms <= firstMs)
  return Math.max(-Infinity, ...looks)
}
