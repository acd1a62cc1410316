import { toMs } from '../../domain/base/instant.ts'
import { cameTogether } from '../../domain/workload/came-together.ts'
import { sameImage, type LedgerEntry } from '../../domain/workload/ledger.ts'
import { seenHistory } from '../../domain/workload/seen-history.ts'
import { takenBackBy, type TakenBack } from '../../domain/workload/taken-back.ts'
import type { Container, ImageId } from '../../ports/containers.ts'
import type { Team } from './judge.ts'
import { servingAs } from './serving.ts'

/** Services whose image came together, the newest included. */
export function newestRelease({
  services,
  containers,
  entries,
  releaseWindowMs,
}: Team): ReadonlySet<string> {
  const dated = services.flatMap((service) => {
    const now = servingAs(service, containers)
    return now.length > 0 ? [{ service, ms: cameMs(service, now, entries) }] : []
  })
  return cameTogether(dated, releaseWindowMs)
}

/**
 * When the newest of their images came to the first of these hosts: one that is back already is no date for the others.
 * One that was never seen before came with its container.
 */
export function cameMs(
  service: string,
  now: readonly Container[],
  entries: readonly LedgerEntry[],
): number {
  const came = now.map(({ image, host, createdAt }) => {
    const seen = entries.filter(
      (one) => one.service === service && one.host === host && sameImage(one.image, image),
    )
    const firsts = seen.map(({ firstSeenAt }) => toMs(firstSeenAt))
    return { image, ms: firsts.length > 0 ? Math.min(...firsts) : toMs(createdAt) }
  })
  const firstOf = (image: ImageId): number =>
    Math.min(...came.flatMap((one) => (sameImage(one.image, image) ? one.ms : [])))
  return Math.max(...came.map(({ image }) => firstOf(image)))
}

/** What a way back takes back, by what was seen of every service; `null`: no trouble was measured. */
export function takenBackIn({
  services,
  containers,
  entries,
  releaseWindowMs,
  began,
}: Team): TakenBack | null {
  if (began === undefined) return null
  const histories = services.map((service) => {
    return seenHistory(service, servingAs(service, containers), entries)
  })
  return takenBackBy(began, histories, releaseWindowMs)
}
