import { toMs } from '../../domain/base/instant.ts'
import {
  everyVersion,
  hasNewNumber,
  sameImages,
  versionsOf,
} from '../../domain/workload/versions.ts'
import { nearest } from '../../domain/text/nearest.ts'
import type { Revision } from '../../domain/workload/workload.ts'

/** What runs, and what it can be returned to. */
type Running<Kept extends Revision> = {
  readonly service: string
  readonly current: Kept | null
  readonly previous: readonly Kept[]
}

/** A version that was replaced sooner than this did not prove itself. */
export const TRUSTED_AFTER_MS = 10 * 60_000

export type Target<Kept extends Revision> =
  | { readonly kind: 'found'; readonly to: Kept; readonly because: string }
  | { readonly kind: 'none'; readonly because: string }

/**
 * Which revision to return to: the newest with the wanted version, or else the newest of another
 * version that ran long enough to be trusted. Pure; decided from what the cluster still keeps.
 */
export function chooseTarget<Kept extends Revision>(
  release: Running<Kept>,
  toVersion: string | null,
  /** Templates that are no way back, unless their version is asked for: what was left in this incident. */
  abandoned: ReadonlySet<string> = new Set(),
): Target<Kept> {
  const { service, current, previous } = release
  if (!current)
    return none(`${service}: a change is not rolled out yet; which version runs is not known`)
  const running = versionsOf(current)
  if (toVersion !== null) {
    if (isOf(current, toVersion)) return none(`${service}: it runs ${running} already`)
    const to = previous.find((one) => isOf(one, toVersion))
    return to
      ? { kind: 'found', to, because: `the newest kept revision of ${toVersion}, as asked for` }
      : none(
          `${service}: no revision of ${toVersion} is kept; kept are ${keptOf(previous)}${meant(toVersion, previous)}`,
        )
  }
  const earlier = previous.filter((one) => !sameImages(one, current) && isOlder(one, current))
  const others = earlier.filter(({ templateHash }) => !abandoned.has(templateHash))
  const left = earlier.filter(({ templateHash }) => abandoned.has(templateHash))
  if (others.length === 0) {
    const why = [`${service}: no revision of an earlier version is kept`, ...left.map(wasLeft)]
    return none(why.join('; '))
  }
  const brief = others.filter((one) => isBrief(one, release))
  const to = others.find((one) => !isBrief(one, release))
  if (!to) {
    return none(
      `${service}: no kept version ran for 10 minutes; name one with --to: ${keptOf(others)}`,
    )
  }
  const isSkipped = ({ number }: Kept) => number > to.number
  const skipped = [
    ...brief.filter(isSkipped).map((one) => `${versionsOf(one)} was replaced within 10 minutes`),
    ...left.filter(isSkipped).map(wasLeft),
  ]
  return { kind: 'found', to, because: [ranFor(to, release), ...skipped].join('; ') }
}

/** A pod may hold other containers beside the one that people mean by its version. */
export function isOf(revision: Pick<Revision, 'images'>, version: string): boolean {
  return versionsOf(revision) === version || everyVersion(revision).includes(version)
}

function meant(version: string, kept: readonly Revision[]): string {
  const near = nearest(version, kept.flatMap(everyVersion))
  return near === null ? '' : `, the nearest is ${near}`
}

function none(because: string): Extract<Target<never>, { kind: 'none' }> {
  return { kind: 'none', because }
}

function wasLeft(revision: Revision): string {
  return `${versionsOf(revision)} was rolled back from in this incident`
}

function keptOf(revisions: readonly Revision[]): string {
  const versions = [...new Set(revisions.map(versionsOf))]
  return versions.length === 0 ? 'none' : versions.join(', ')
}

/** Made before it: what was rolled back from has a lower number afterwards, and is no way back. */
function isOlder(revision: Revision, than: Revision): boolean {
  const ms = toMs(revision.createdAt) - toMs(than.createdAt)
  return ms === 0 ? revision.number < than.number : ms < 0
}

/** How long it was the newest; `null` when that cannot be told, as after it was used again. */
function ranMs(revision: Revision, { current, previous }: Running<Revision>): number | null {
  const all = [...(current ? [current] : []), ...previous]
  if (hasNewNumber(revision, all)) return null
  const newer = all
    .filter(({ number }) => number > revision.number)
    .toSorted((a, b) => a.number - b.number)
  const [next] = newer
  if (!next) return null
  const ms = toMs(next.createdAt) - toMs(revision.createdAt)
  return ms >= 0 ? ms : null
}

function isBrief(revision: Revision, release: Running<Revision>): boolean {
  const ms = ranMs(revision, release)
  return ms !== null && ms < TRUSTED_AFTER_MS
}

function ranFor(revision: Revision, release: Running<Revision>): string {
  const ms = ranMs(revision, release)
  const version = versionsOf(revision)
  if (ms === null) return `${version} is the newest other version; how long it ran is not known`
  return `${version} is the newest other version that ran at least 10 minutes (${inWords(ms)})`
}

function inWords(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} minutes`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} hours` : `${Math.round(hours / 24)} days`
}
