import { toMs } from '../../domain/base/instant.ts'
import { inRoundWords } from '../../domain/text/duration.ts'
import { nearest } from '../../domain/text/nearest.ts'
import {
  hasNewNumber,
  isMovingTag,
  isOfVersion,
  ownVersion,
  sameImages,
  toldVersions,
  TRUSTED_AFTER_MS,
} from '../../domain/workload/versions.ts'
import { versionOf, type Revision } from '../../domain/workload/workload.ts'

/** What runs, and what it can be returned to. */
type Running<Kept extends Revision> = {
  readonly service: string
  readonly current: Kept | null
  readonly previous: readonly Kept[]
}

export type Target<Kept extends Revision> =
  | { readonly kind: 'found'; readonly to: Kept; readonly because: string }
  | { readonly kind: 'none'; readonly because: string }

/**
 * Which revision to return to: the newest with the wanted version, or else the newest of another content
 * whose version ran long enough to be trusted. Pure; decided from what the cluster still keeps.
 */
export function chooseTarget<Kept extends Revision>(
  release: Running<Kept>,
  toVersion: string | null,
  /** Templates that are no way back, unless their version is asked for: what was left in this incident. */
  abandoned: ReadonlySet<string> = new Set(),
  /** When the oldest change came that is taken back; `null`: it is the newest one. */
  takenSinceMs: number | null = null,
): Target<Kept> {
  const { service, current, previous } = release
  if (!current)
    return none(`${service}: a change is not rolled out yet; which version runs is not known`)
  return toVersion === null
    ? newestTrusted(release, current, { abandoned, takenSinceMs })
    : named(toVersion)

  function named(version: string): Target<Kept> {
    const others = previous.filter(({ content }) => content !== current?.content)
    const to = others.find((one) => isOfVersion(one, version))
    if (to) {
      return { kind: 'found', to, because: `the newest kept revision of ${version}, as asked for` }
    }
    return current && isOfVersion(current, version)
      ? none(`${service}: it runs ${ownVersion(current)} already`)
      : none(
          `${service}: no revision of ${version} is kept; kept are ${keptOf(previous)}${meant(version, previous)}`,
        )
  }
}

function newestTrusted<Kept extends Revision>(
  release: Running<Kept>,
  current: Kept,
  no: { readonly abandoned: ReadonlySet<string>; readonly takenSinceMs: number | null },
): Target<Kept> {
  const { service, previous } = release
  const { abandoned, takenSinceMs } = no
  const earlier = previous.filter((one) => {
    const isBefore = takenSinceMs === null || toMs(one.createdAt) < takenSinceMs
    return isOlder(one, current) && isBefore && one.content !== current.content
  })
  const others = earlier.filter(({ templateHash }) => !abandoned.has(templateHash))
  const left = earlier.filter(({ templateHash }) => abandoned.has(templateHash))
  if (others.length === 0) {
    const differs = takenSinceMs === null ? 'that differs from what runs' : 'of before the trouble'
    const nothing = `${service}: no earlier revision is kept ${differs}`
    return none([nothing, ...moving(current), ...left.map(wasLeft)].join('; '))
  }
  const to = others.find((one) => !isBrief(one, release))
  if (!to) {
    return none(
      `${service}: no kept version ran for 10 minutes; name one with --to: ${keptOf(others)}`,
    )
  }
  const isSkipped = ({ number }: Kept) => number > to.number
  const brief = others.filter((one) => isSkipped(one) && isBrief(one, release))
  const skipped = [
    ...new Set(brief.map((one) => `${ownVersion(one)} was replaced within 10 minutes`)),
    ...left.filter(isSkipped).map(wasLeft),
  ]
  return {
    kind: 'found',
    to,
    because: [whyThis(to, { current, takenSinceMs }, release), ...skipped].join('; '),
  }
}

/** Behind one tag there may have been another build, which no revision tells of. */
function moving({ images: [own = ''] }: Revision): readonly string[] {
  if (!isMovingTag(own)) return []
  return [`the tag ${versionOf(own)} moves, and what it was before cannot be had from here`]
}

function meant(version: string, kept: readonly Revision[]): string {
  const near = nearest(version, kept.flatMap(toldVersions))
  return near === null ? '' : `, the nearest is ${near}`
}

function none(because: string): Extract<Target<never>, { kind: 'none' }> {
  return { kind: 'none', because }
}

function wasLeft(revision: Revision): string {
  return `${ownVersion(revision)} was rolled back from in this incident`
}

function keptOf(revisions: readonly Revision[]): string {
  const versions = [...new Set(revisions.map(ownVersion))]
  return versions.length === 0 ? 'none' : versions.join(', ')
}

/** Made before it: what was rolled back from has a lower number afterwards, and is no way back. */
function isOlder(revision: Revision, than: Revision): boolean {
  const ms = toMs(revision.createdAt) - toMs(than.createdAt)
  return ms === 0 ? revision.number < than.number : ms < 0
}

/**
 * How long its images ran, over all templates that were asked for with them: a Secret that was renewed, or
 * a restart, makes no new version. `null`: that cannot be told, as after one was used again.
 */
function ranMs(revision: Revision, { current, previous }: Running<Revision>): number | null {
  const all = [...(current ? [current] : []), ...previous]
  const same = previous.filter((one) => sameImages(one, revision))
  const times = same.map((one) => lastedMs(one, all))
  return times.reduce<number | null>(
    (sum, ms) => (sum === null || ms === null ? null : sum + ms),
    0,
  )
}

/** How long it was the newest. */
function lastedMs(revision: Revision, all: readonly Revision[]): number | null {
  if (hasNewNumber(revision, all)) return null
  const [next] = all
    .filter(({ number }) => number > revision.number)
    .toSorted((a, b) => a.number - b.number)
  if (!next) return null
  const ms = toMs(next.createdAt) - toMs(revision.createdAt)
  return ms >= 0 ? ms : null
}

function isBrief(revision: Revision, release: Running<Revision>): boolean {
  const ms = ranMs(revision, release)
  return ms !== null && ms < TRUSTED_AFTER_MS
}

function whyThis(
  to: Revision,
  { current, takenSinceMs }: { readonly current: Revision; readonly takenSinceMs: number | null },
  release: Running<Revision>,
): string {
  const ms = ranMs(to, release)
  const version = ownVersion(to)
  const what = sameImages(to, current)
    ? `revision ${to.number} of ${version} is what ran before the newest change of its settings`
    : `${version} is the newest ${takenSinceMs === null ? 'other version' : 'version of before the trouble'}`
  if (ms === null) return `${what}; how long it ran is not known`
  return sameImages(to, current)
    ? `${what} (${version} ran ${inRoundWords(ms)})`
    : `${what} that ran at least 10 minutes (${inRoundWords(ms)})`
}
