import { steadyLook } from './steady-look.ts'
import { every, type Recurring } from '../adapters/cron/every.ts'
import { toIso } from '../domain/base/instant.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import { keyOf, type EndedRun, type LedgerEntry } from '../domain/workload/ledger.ts'
import { ranMeanwhile } from '../domain/workload/ran-meanwhile.ts'
import { seenNow } from '../domain/workload/seen-now.ts'
import type { Clock } from '../ports/clock.ts'
import type { Containers, Happening } from '../ports/containers.ts'
import type { Log } from '../ports/log.ts'
import type { ReleaseLedger } from '../ports/release-ledger.ts'

const LOOK_SECONDS = 60
const TAKE_OVER_SECONDS = 5

/** After what happened: an image that is started has said by then whether it runs. */
const SOON_MS = 500
/** However much happens. */
const SOONEST_MS = 5_000

/** Long before the next look, and longer than a host takes that is well (J9). */
const DEADLINE_MS = 20_000

/** Runs that wait to be kept: a container that ends again and again makes many. */
const MOST_WAITING = 500

/**
 * Looks at what runs, now, every minute, and soon after something happened to it, and keeps it in the ledger, with what
 * hosts tell of runs that are over: one that began and ended between two looks is known from them alone. What
 * could not be asked or kept is tried again by the next look: how long a container ran is proved by its host, and
 * nothing is lost by it.
 */
export function recordReleases(deps: {
  readonly containers: Pick<Containers, 'sightings' | 'follow'>
  readonly ledger: ReleaseLedger
  readonly clock: Clock
  readonly log: Log
  readonly services: readonly string[]
  /** Where another process acts, it records: what it has not counted is told here again once this one does. */
  readonly acts: () => boolean
  /** What was never seen before runs now. */
  readonly deployed: () => void
}): Recurring {
  const { containers, ledger, clock, log, services, acts, deployed } = deps
  const stopping = new AbortController()
  const waiting = new Set<EndedRun>()

  async function record(signal: AbortSignal): Promise<void> {
    if (!acts()) return
    const at = toIso(clock.now())
    const seen = await containers.sightings(services, signal)
    const known = await ledger.entries(services)
    // Given up meanwhile: a later look may have written what is newer.
    signal.throwIfAborted()
    const over = [...waiting]
    const ran = ranMeanwhile(known, over, at)
    const entries = seenNow(replaced(known, ran), seen, at)
    await ledger.put(replaced(ran, entries), known)
    for (const run of over) waiting.delete(run)
    if (isDeploy(known, entries)) deployed()
  }

  async function recordInTime(): Promise<void> {
    const late = new AbortController()
    const timer = setTimeout(() => {
      late.abort(new Error(`no answer within ${DEADLINE_MS / 1000} s`))
    }, DEADLINE_MS)
    const signal = AbortSignal.any([stopping.signal, late.signal])
    try {
      await untilAborted(record(signal), signal)
    } finally {
      clearTimeout(timer)
    }
  }

  const looks = steadyLook(recordInTime, {
    stopped: stopping.signal,
    log,
    cannot: 'releases cannot be recorded; tried again',
    again: 'releases are recorded again',
  })

  let soon: NodeJS.Timeout | null = null
  let lookedAtMs = -Infinity
  /** Whatever happens until then is seen by the same look; one that goes on may have seen none of it. */
  function lookSoon(): void {
    if (stopping.signal.aborted) return
    soon ??= setTimeout(
      () => {
        soon = null
        lookedAtMs = performance.now()
        void Promise.resolve(looks.underWay()).then(() =>
          stopping.signal.aborted ? null : looks.once(),
        )
      },
      Math.max(SOON_MS, lookedAtMs + SOONEST_MS - performance.now()),
    )
  }

  function heard({ run }: Happening): void {
    if (run) waiting.add(run)
    const [oldest] = waiting
    if (waiting.size > MOST_WAITING && oldest) waiting.delete(oldest)
    lookSoon()
  }

  let didAct = acts()
  /** Whoever begins to act looks at once: since the last look of the one before it nobody has. */
  async function takeOver(): Promise<void> {
    const begins = acts() && !didAct
    didAct = acts()
    if (begins) await looks.once()
  }

  const schedules = [
    every(LOOK_SECONDS, 'releases', looks.once, log),
    every(TAKE_OVER_SECONDS, 'who records releases', takeOver, log),
  ]
  void looks.once()
  const following = untilAborted(
    containers.follow(services, heard, stopping.signal),
    stopping.signal,
  ).catch((error: unknown) => {
    if (stopping.signal.aborted) return
    log.warn('hosts are not listened to; a look a minute goes on', { error })
  })
  return {
    async stop() {
      stopping.abort()
      if (soon !== null) clearTimeout(soon)
      await Promise.all(schedules.map((one) => one.stop()))
      await following
      await looks.underWay()
    },
  }
}

/** With the later ones in the place of those of the same state. */
function replaced(
  entries: readonly LedgerEntry[],
  later: readonly LedgerEntry[],
): readonly LedgerEntry[] {
  return [...new Map([...entries, ...later].map((entry) => [keyOf(entry), entry])).values()]
}

/** A host whose history only begins has deployed nothing. */
function isDeploy(known: readonly LedgerEntry[], now: readonly LedgerEntry[]): boolean {
  const before = new Set(known.map(keyOf))
  return known.length > 0 && now.some((entry) => !before.has(keyOf(entry)))
}
