import { toIso, toMs } from '../base/instant.ts'
import {
  keyOf,
  newestFirst,
  SETTINGS_NOT_KNOWN,
  type EndedRun,
  type LedgerEntry,
} from './ledger.ts'

/** So many names of one image are kept. */
const MAX_REFERENCES = 10

/**
 * The entries that are new or other ones now that these runs are known to be over; all others stay. What was counted
 * already, by a look or because it was told before, is not counted again.
 */
export function ranMeanwhile(
  entries: readonly LedgerEntry[],
  runs: readonly EndedRun[],
  at: string,
): readonly LedgerEntry[] {
  const known = new Map(entries.map((entry) => [keyOf(entry), entry]))
  const changed = new Map<string, LedgerEntry>()
  for (const run of runs) {
    const over = { ...run, endedAt: toIso(Math.min(toMs(run.endedAt), toMs(at))) }
    const before = stateOf([...known.values()], over)
    const next = before ? goneOn(before, over) : begun(over)
    if (!next) continue
    known.set(keyOf(next), next)
    changed.set(keyOf(next), next)
  }
  return [...changed.values()]
}

/** What it was created with tells two states of one image apart, where that is known. */
function stateOf(entries: readonly LedgerEntry[], run: EndedRun): LedgerEntry | undefined {
  return newestFirst(entries).find(({ service, host, image, sha256 }) => {
    const isOfImage = service === run.service && host === run.host && image.id === run.image.id
    return isOfImage && (run.sha256 === null || run.sha256 === sha256)
  })
}

function begun(run: EndedRun): LedgerEntry | null {
  const { service, host, image, labels, startedAt, endedAt } = run
  const ranMs = toMs(endedAt) - toMs(startedAt)
  if (ranMs < 0) return null
  return {
    service,
    host,
    image,
    labels,
    references: [image.reference],
    sha256: run.sha256 ?? SETTINGS_NOT_KNOWN,
    firstSeenAt: startedAt,
    startedAt,
    lastSeenAt: endedAt,
    ranMs,
    // Nobody looked: it may have one that never said healthy (J10).
    hasHealthCheck: true,
    healthyMs: 0,
    lastHealthyAt: null,
    healthyIn: [],
  }
}

function goneOn(entry: LedgerEntry, run: EndedRun): LedgerEntry | null {
  const { image, startedAt, endedAt } = run
  const sinceMs = Math.max(toMs(startedAt), toMs(entry.lastSeenAt))
  const moreMs = toMs(endedAt) - sinceMs
  if (moreMs <= 0) return null
  const isAnother = toMs(startedAt) > toMs(entry.lastSeenAt)
  return {
    ...entry,
    image: { ...image, digest: image.digest ?? entry.image.digest },
    references: [...new Set([image.reference, ...entry.references])].slice(0, MAX_REFERENCES),
    startedAt: isAnother ? startedAt : entry.startedAt,
    lastSeenAt: endedAt,
    ranMs: entry.ranMs + moreMs,
    healthyIn: entry.healthyIn.filter((id) => id !== run.id),
  }
}
