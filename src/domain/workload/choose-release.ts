import { toMs } from '../base/instant.ts'
import { inRoundWords } from '../text/duration.ts'
import { namesUpTo } from '../text/names-up-to.ts'
import { nearest } from '../text/nearest.ts'
import { utcDayAndTime } from '../text/utc.ts'
import { SETTINGS_NOT_KNOWN, type ImageId, type LedgerEntry, type SeenContainer } from './ledger.ts'
import { beginsWith, isOfImage, releasesOf, type Release } from './releases.ts'
import { isSameVersion } from './service-pages.ts'
import { TRUSTED_AFTER_MS } from './versions.ts'

export type ReleaseChoice =
  | {
      readonly kind: 'found'
      /** What people call it, told apart from others of the same name. */
      readonly version: string
      /** The newest state with its image on each host that the service is on now. */
      readonly to: readonly LedgerEntry[]
      readonly because: string
    }
  | { readonly kind: 'none'; readonly because: string }

type Now = Pick<SeenContainer, 'service' | 'host' | 'role' | 'image' | 'labels' | 'sha256'>

type Asked = {
  readonly service: string
  /** What is there now on every host. What is to serve counts, whether or not it runs; what is kept does not. */
  readonly now: readonly Now[]
  /** What has been seen, of this service and maybe others. */
  readonly entries: readonly LedgerEntry[]
  readonly toVersion: string | null
  /** Images that are no way back, unless their version is asked for: what was left in this incident. */
  readonly abandoned?: readonly ImageId[]
  /** When the oldest change came that is taken back; left out or `null`: it is the newest one. */
  readonly takenSinceMs?: number | null
}

type Judged = { readonly one: Release; readonly whyNot: string | null }

const NAMES_AT_MOST = 10

const NEVER_MS = Number.MAX_SAFE_INTEGER

/**
 * Which release to go back to: the newest with the wanted version, or else the newest of another image that
 * ran long enough to be trusted. Pure; decided from what has been seen. The same one for all hosts.
 */
export function chooseRelease(wanted: Asked): ReleaseChoice {
  const { service, toVersion } = wanted
  const isOurs = (one: { readonly service: string }) => one.service === service
  const now = wanted.now.filter((one) => isOurs(one) && one.role === 'serving')
  const entries = wanted.entries.filter(isOurs)
  const asked = { ...wanted, now, entries }
  const all = releasesOf(entries, now)
  const current = newestOf(all.filter((one) => now.some(({ image }) => isOfImage(one, image))))
  if (!current) return none(`${service}: it is not there; which version it had is not known`)
  return toVersion === null
    ? newestTrusted(asked, current, all)
    : named(asked, toVersion, current, all)
}

function newestTrusted(asked: Asked, current: Release, all: readonly Release[]): ReleaseChoice {
  const { service, abandoned = [], takenSinceMs } = asked
  const others = all.filter((one) => one !== current && one.entries.length > 0)
  if (others.length === 0) return none(`${service}: ${noHistory(current)}`)
  const earlier = others.filter((one) => {
    return isOlder(one, current) && firstMs(one, 'firstSeenAt') < (takenSinceMs ?? Infinity)
  })
  const isLeft = (one: Release) => abandoned.some((image) => isOfImage(one, image))
  const judged = earlier.map((one): Judged => {
    return { one, whyNot: isLeft(one) ? wasLeft(one) : whyNot(one, asked) }
  })
  const fit = judged.flatMap(({ one, whyNot: why }) => (why === null ? [one] : []))
  const to = fit.find(wasHealthy) ?? fit[0]
  if (!to) return none(`${service}: ${nothingFits(judged, others)}`)
  const skipped = judged
    .slice(
      0,
      judged.findIndex(({ one }) => one === to),
    )
    .map(({ one, whyNot: why }) => why ?? `${one.name} was not healthy for 10 minutes`)
  const because = [
    whyThis(to, takenSinceMs ?? null),
    ...otherSettings(asked, current, to),
    ...skipped,
  ].join('; ')
  return found(asked, to, because)
}

function named(
  asked: Asked,
  version: string,
  current: Release,
  all: readonly Release[],
): ReleaseChoice {
  const { service, now } = asked
  const isEverywhere = (one: Release) => now.every(({ image }) => isOfImage(one, image))
  const others = all.filter((one) => one.entries.length > 0 && !isEverywhere(one))
  const byName = others.find((one) => one.names.some((name) => isSameVersion(name, version)))
  const byDigest = byName ? [] : all.filter((one) => beginsWith(one, version))
  if (byDigest.length > 1) {
    return none(`${service}: ${version} may be one of several: ${namesOf(byDigest)}`)
  }
  const to = byName ?? byDigest.find((one) => others.includes(one))
  if (to) {
    const missing = hostsWithout(to, asked)
    return missing === null
      ? found(asked, to, `the newest that was seen of ${version}, as asked for`)
      : none(`${service}: ${missing}`)
  }
  const isCurrent = current.names.some((name) => isSameVersion(name, version))
  if (isCurrent || byDigest.length > 0) return none(`${service}: it runs ${current.name} already`)
  if (others.length === 0) {
    return none(`${service}: ${version} has not been seen; ${noHistory(current)}`)
  }
  const known = others.flatMap(({ names }) => names)
  const near = nearest(version, known)
  const meant = near === null ? '' : `, the nearest is ${near}`
  return none(`${service}: ${version} has not been seen; seen were ${namesOf(others)}${meant}`)
}

function found({ now }: Asked, { name, entries }: Release, because: string): ReleaseChoice {
  const to = hostsOf(now).flatMap((host) => entries.find((entry) => entry.host === host) ?? [])
  return { kind: 'found', version: name, to, because }
}

function none(because: string): ReleaseChoice {
  return { kind: 'none', because }
}

function hostsOf(now: readonly Now[]): readonly string[] {
  return [...new Set(now.map(({ host }) => host))].toSorted()
}

/** Of several images that serve at once, the one that came last is what a way back leads away from. */
function newestOf(running: readonly Release[]): Release | null {
  return running.reduce<Release | null>((newest, one) => {
    return newest === null || isOlder(newest, one) ? one : newest
  }, null)
}

/** Seen for the first time before it: what was rolled back from was seen later, and is no way back. */
function isOlder(one: Release, than: Release): boolean {
  const ms = firstMs(one, 'firstSeenAt') - firstMs(than, 'firstSeenAt')
  return ms === 0 ? firstMs(one, 'startedAt') < firstMs(than, 'startedAt') : ms < 0
}

/** One that is there and was never seen running came after all the others. */
function firstMs({ entries }: Release, what: 'firstSeenAt' | 'startedAt'): number {
  return Math.min(NEVER_MS, ...entries.map((entry) => toMs(entry[what])))
}

function whyNot(one: Release, asked: Asked): string | null {
  if (longest(one, 'ranMs') < TRUSTED_AFTER_MS) return wasBrief(one)
  return hostsWithout(one, asked)
}

function wasBrief({ name }: Release): string {
  return `${name} was replaced within 10 minutes`
}

function wasLeft({ name }: Release): string {
  return `${name} was rolled back from in this incident`
}

function hostsWithout({ name, entries }: Release, { now }: Asked): string | null {
  const without = hostsOf(now).filter((host) => entries.every((entry) => entry.host !== host))
  return without.length === 0
    ? null
    : `${name} was never seen on ${namesUpTo(NAMES_AT_MOST, without)}`
}

/** On the host where it was longest: all settings that it ran with are taken together. */
function longest({ entries }: Release, what: 'ranMs' | 'healthyMs'): number {
  const hosts = [...Map.groupBy(entries, ({ host }) => host).values()]
  return Math.max(0, ...hosts.map((those) => those.reduce((sum, one) => sum + one[what], 0)))
}

/** `null`: it has no health check that could have told. */
function healthyMs(release: Release): number | null {
  return release.entries[0]?.hasHealthCheck ? longest(release, 'healthyMs') : null
}

function wasHealthy(release: Release): boolean {
  return (healthyMs(release) ?? TRUSTED_AFTER_MS) >= TRUSTED_AFTER_MS
}

function whyThis(to: Release, takenSinceMs: number | null): string {
  const ranMs = longest(to, 'ranMs')
  const ms = healthyMs(to)
  const other = takenSinceMs === null ? 'other version' : 'version of before the trouble'
  const which = `${to.name} is the newest ${other} that`
  if (ms === null) return `${which} ran at least 10 minutes (${inRoundWords(ranMs)})`
  return wasHealthy(to)
    ? `${which} ran healthy for at least 10 minutes (${inRoundWords(ms)})`
    : `${which} ran at least 10 minutes (${inRoundWords(ranMs)}), and was seen healthy for ${inRoundWords(ms)} of that`
}

/** What changed last was not the image: it is said, as going back to an image does not undo it. */
function otherSettings({ now }: Asked, current: Release, to: Release): readonly string[] {
  const isNow = ({ host, sha256 }: LedgerEntry) =>
    now.some((one) => one.host === host && one.sha256 === sha256)
  const before = current.entries.find(
    (entry) => entry.sha256 !== SETTINGS_NOT_KNOWN && !isNow(entry),
  )
  const leftAt = to.entries[0]?.lastSeenAt
  if (!before || leftAt === undefined || toMs(before.lastSeenAt) <= toMs(leftAt)) return []
  const until = utcDayAndTime(before.lastSeenAt)
  return [`${current.name} itself ran with other settings until ${until}, which do not come back`]
}

function noHistory(current: Release): string {
  const firstSeenAt = current.entries.map((entry) => entry.firstSeenAt).toSorted()[0]
  const seen =
    firstSeenAt === undefined
      ? 'it has not been seen running'
      : `only ${current.name} has been seen running, since ${utcDayAndTime(firstSeenAt)}`
  return `there is no history yet: ${seen}; what ran before is not known`
}

function nothingFits(judged: readonly Judged[], others: readonly Release[]): string {
  const nameOne = `name one with --to: ${namesOf(others)}`
  if (judged.length === 0) return `only newer versions than what runs have been seen; ${nameOne}`
  const whys = judged.slice(0, NAMES_AT_MOST).flatMap(({ whyNot: why }) => why ?? [])
  return `no earlier version is taken by itself: ${whys.join('; ')}; ${nameOne}`
}

function namesOf(releases: readonly Release[]): string {
  return namesUpTo(
    NAMES_AT_MOST,
    releases.map(({ name }) => name),
  )
}
