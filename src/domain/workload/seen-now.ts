import { toIso, toMs } from '../base/instant.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import { keyOf, type LedgerEntry, type SeenContainer } from './ledger.ts'

/** Between looks further apart than this nobody knows whether it was healthy, whatever both say (J10). */
export const HEALTH_KNOWN_FOR_MS = 5 * 60_000

/** So many names of one image are kept. */
const MAX_REFERENCES = 10

type Running = SeenContainer & { readonly runningMs: number }

/**
 * The entries that are new or other ones now that these containers are seen at that moment; all others stay.
 * Only what runs counts, and only for as long as its host says that it ran.
 */
export function seenNow(
  entries: readonly LedgerEntry[],
  sightings: readonly SeenContainer[],
  at: string,
): readonly LedgerEntry[] {
  const known = new Map(entries.map((entry) => [keyOf(entry), entry]))
  const states = Map.groupBy(sightings.filter(isRunning), keyOf)
  return [...states].flatMap(([key, containers]) => {
    const entry = known.get(key)
    const next = entry ? seenAgain(entry, containers, at) : seenFirst(containers, at)
    return next && canonicalJson(next) !== canonicalJson(entry ?? null) ? [next] : []
  })
}

function isRunning(container: SeenContainer): container is Running {
  const { role, state, runningMs } = container
  return role === 'serving' && state === 'running' && runningMs !== null
}

function seenFirst(containers: readonly Running[], at: string): LedgerEntry | null {
  const [first] = containers
  if (!first) return null
  const { service, host, sha256 } = first
  const ranMs = longestRun(containers)
  return {
    service,
    host,
    sha256,
    ...imageIn(containers, first),
    firstSeenAt: at,
    startedAt: toIso(toMs(at) - ranMs),
    lastSeenAt: at,
    ranMs,
    healthyMs: 0,
    ...healthIn(containers, at),
  }
}

/**
 * Of the time since it was last seen counts what the longest running of its containers has run: all of it,
 * or since that one was started.
 */
function seenAgain(before: LedgerEntry, containers: readonly Running[], at: string): LedgerEntry {
  const entry = onClockOf(at, before)
  const passedMs = toMs(at) - toMs(entry.lastSeenAt)
  const runMs = longestRun(containers)
  const wentOn = runMs >= passedMs
  return {
    ...entry,
    ...imageIn(containers, entry),
    startedAt: wentOn ? entry.startedAt : toIso(toMs(at) - runMs),
    lastSeenAt: at,
    ranMs: entry.ranMs + Math.min(passedMs, runMs),
    healthyMs: entry.healthyMs + (stayedHealthy(entry, containers, passedMs) ? passedMs : 0),
    ...healthIn(containers, at, entry),
  }
}

/** One and the same run of one container was healthy at both looks, and not long went by between them. */
function stayedHealthy(
  { healthyIn }: LedgerEntry,
  containers: readonly Running[],
  passedMs: number,
): boolean {
  if (passedMs > HEALTH_KNOWN_FOR_MS) return false
  return containers.some(({ id, health, runningMs }) => {
    return health === 'healthy' && healthyIn.includes(id) && runningMs >= passedMs
  })
}

function healthIn(
  containers: readonly Running[],
  at: string,
  before?: LedgerEntry,
): Pick<LedgerEntry, 'hasHealthCheck' | 'healthyIn' | 'lastHealthyAt'> {
  const healthy = containers.filter(({ health }) => health === 'healthy')
  return {
    hasHealthCheck: containers.some(({ health }) => health !== 'none'),
    healthyIn: healthy.map(({ id }) => id).toSorted(),
    lastHealthyAt: healthy.length > 0 ? at : (before?.lastHealthyAt ?? null),
  }
}

function imageIn(
  containers: readonly Running[],
  before: Pick<LedgerEntry, 'image' | 'labels'> & { readonly references?: readonly string[] },
): Pick<LedgerEntry, 'image' | 'labels' | 'references'> {
  // Which of several is named first must not depend on the order in which a host lists them.
  const seen = containers.toSorted((a, b) => a.runningMs - b.runningMs || (a.id < b.id ? -1 : 1))
  const newest = seen[0] ?? before
  const references = [...seen.map(({ image }) => image.reference), ...(before.references ?? [])]
  const digest = seen.find(({ image }) => image.digest !== null)?.image.digest
  return {
    image: { ...newest.image, digest: digest ?? before.image.digest },
    labels: newest.labels,
    references: [...new Set(references)].slice(0, MAX_REFERENCES),
  }
}

/** Where the clock was set back, its times go back with it: what lies between them is kept. */
function onClockOf(at: string, entry: LedgerEntry): LedgerEntry {
  const backMs = toMs(entry.lastSeenAt) - toMs(at)
  if (backMs <= 0) return entry
  const earlier = (time: string) => toIso(toMs(time) - backMs)
  return {
    ...entry,
    firstSeenAt: earlier(entry.firstSeenAt),
    startedAt: earlier(entry.startedAt),
    lastSeenAt: at,
    lastHealthyAt: entry.lastHealthyAt === null ? null : earlier(entry.lastHealthyAt),
  }
}

function longestRun(containers: readonly Running[]): number {
  return Math.max(0, ...containers.map(({ runningMs }) => runningMs))
}
