import type { Recurring } from '../../adapters/cron/every.ts'
import { toMs } from '../../domain/base/instant.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { View } from '../../domain/base/view.ts'
import { asOfNow } from '../../domain/readiness/as-of-now.ts'
import {
  keptAfter,
  NOTHING_KEPT,
  type KeptReadiness,
  type ReadinessNews,
} from '../../domain/readiness/news.ts'
import type { Reading } from '../../domain/readiness/readiness.ts'
import type { ReadinessSettings } from '../../domain/readiness/settings.ts'
import { compare, leadsElsewhere, type Left } from '../../domain/readiness/standing.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import { keptIn, type Kept } from '../read-kept.ts'
import { steadyLook } from '../steady-look.ts'
import { countReadiness, type ReadinessGauges } from './count-readiness.ts'
import { newsTeller } from '../tell-news.ts'

const MINUTE_MS = 60_000

/** All of one look. Nothing waits for it (J9). */
const LOOK_MS = 90_000

/** What was found wrong is looked at again after a minute, and so often at most in a row. */
const SOON_TIMES = 10

/** However often somebody asks. */
const SELDOM_MS = MINUTE_MS

export type Readiness = Recurring & {
  /** As it was found last, with what is too old shown as unknown; `null`: nobody has looked yet. */
  shown(): Reading | null
  /** Looked at anew, unless that was done just now. Gives what is known after a while, whatever goes on. */
  fresh(patienceMs: number): Promise<Reading | null>
  /** Something was deployed: what led back led from another release. */
  deployed(): void
  /** The same, with how ready each procedure is now. */
  counted<Gauges extends ReadinessGauges>(gauges: Gauges): Gauges
}

export type KeptBy = {
  readonly settings: ReadinessSettings
  readonly channel: string
  readonly stored: Kept<KeptReadiness>
  readonly look: (
    signal: AbortSignal,
  ) => Promise<{ readonly reading: Reading; readonly moving: boolean }>
  readonly whyLeft: (left: Left, signal: AbortSignal) => Promise<string | null>
  /** Whether it is this process that tells people, and keeps what they were told; asked each time. */
  readonly tells: () => boolean
  /** A rollback writes now: what would be found is half of the one state and half of the other. */
  readonly isBusy: () => boolean
  /** Says "it is now" once a minute. */
  readonly everyMinute: (turn: () => Promise<void>) => Recurring
  readonly render: (news: ReadinessNews) => View
  readonly conversations: Pick<Conversations, 'post' | 'find'>
  readonly clock: Clock
  readonly log: Log
}

/**
 * Looks on a schedule, soon after a deploy, and when somebody asks, one look at a time; keeps what it found, and tells
 * what was lost or regained, once. What is due is decided by what is kept: a restart repeats and forgets nothing. Of
 * several processes one tells; what another one finds is shown by it, and is not kept.
 */
export function keepReadiness(deps: KeptBy): Readiness {
  const { settings, clock, log, tells } = deps
  const kept = keptIn(deps.stored, NOTHING_KEPT, { of: 'the ways back', log })
  const stopping = new AbortController()
  const everyMs = settings.everyMinutes * MINUTE_MS
  const isScheduled = everyMs > 0
  let opening: Promise<void> | null = null
  /** What was seen counts, though the disk does not take it. */
  let seen: Reading | null = null
  /** Whether another process told, when it was asked last. */
  let isToldElsewhere = false
  // A start has other things to do in its first minute.
  let dueAtMs = clock.now() + MINUTE_MS
  let soonTimes = 0

  async function open(): Promise<void> {
    // What is gone since it could not be read is not told.
    seen = (await kept.read()).reading
    if (!seen) return
    const nextMs = toMs(seen.at) + everyMs
    // By a clock that was set back since, it may be far away.
    dueAtMs = Math.max(dueAtMs, Math.min(nextMs, clock.now() + everyMs))
  }

  async function look(signal: AbortSignal): Promise<void> {
    const { reading, moving } = await deps.look(signal)
    signal.throwIfAborted()
    seen = reading
    if (!tells()) return dueNext(moving)
    const { standings: known } = await kept.read()
    const whys = await whysLeft(deps, { standings: known, reading }, signal)
    // Anew: meanwhile another process may have acted, and kept more.
    const before = await kept.read()
    const found = compare(before.standings, reading, (left) => whys.get(keyOf(left)) ?? null)
    const { standings, lost, regained } = found
    dueNext(moving || standings.some(({ doubted }) => doubted))
    if (!tells()) return
    for (const one of lost) log.warn('a way back was lost', one)
    for (const one of regained) log.info('a way back is there again', one)
    await kept.write(keptAfter(before, { reading, found }, { isTold: isScheduled }))
  }

  function dueNext(soon: boolean): void {
    const isSoon = soon && soonTimes < SOON_TIMES
    soonTimes = soon ? soonTimes + 1 : 0
    dueAtMs = isScheduled ? clock.now() + (isSoon ? MINUTE_MS : everyMs) : Infinity
  }

  /** What led back may lead elsewhere by now. */
  function dueNow(): void {
    soonTimes = 0
    dueAtMs = Math.min(dueAtMs, clock.now())
  }

  const tell = newsTeller({
    ...deps,
    untold: async () => (await kept.read()).untold,
    keep: async (untold) => kept.write({ ...(await kept.read()), untold: [...untold] }),
  })
  /** Once; and again where what is kept could not be read yet. */
  function opened(): Promise<void> {
    const now = (opening ??= open())
    now.catch(() => {
      if (opening === now) opening = null
    })
    return now
  }
  void opened().catch(() => 'the first look says why')
  const looks = steadyLook(
    async () => {
      await opened()
      // What this one has seen meanwhile was neither kept nor told.
      if (tells() && isToldElsewhere) dueNow()
      isToldElsewhere = !tells()
      if (clock.now() >= dueAtMs && !deps.isBusy()) {
        const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(LOOK_MS)])
        await untilAborted(look(signal), signal)
      }
      await tell()
    },
    {
      stopped: stopping.signal,
      log,
      cannot: 'readiness cannot be looked at, kept or told; tried again',
      again: 'readiness is looked at again',
    },
  )
  const schedule = isScheduled ? deps.everyMinute(looks.once) : null
  const shown = (): Reading | null => seen && asOfNow(seen, clock.now(), settings)

  return {
    shown,
    async fresh(patienceMs) {
      await opened().catch(() => 'the look says why')
      if (seen && Math.abs(clock.now() - toMs(seen.at)) < SELDOM_MS) return shown()
      dueAtMs = clock.now()
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, patienceMs)
      await Promise.race([looks.once(), late])
      clearTimeout(timer)
      return shown()
    },
    deployed: dueNow,
    counted(gauges) {
      countReadiness(shown(), clock.now(), gauges)
      return gauges
    },
    async stop() {
      stopping.abort()
      await schedule?.stop()
      await looks.underWay()
    },
  }
}

/** Why what they led to cannot be reached any more, of those that lead elsewhere now. */
async function whysLeft(
  { whyLeft }: Pick<KeptBy, 'whyLeft'>,
  { standings, reading }: Pick<KeptReadiness, 'standings'> & { readonly reading: Reading },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string | null>> {
  const asked = leadsElsewhere(standings, reading).map(async (left) => {
    return [keyOf(left), await whyLeft(left, signal)] as const
  })
  const whys = new Map(await Promise.all(asked))
  signal.throwIfAborted()
  return whys
}

function keyOf({ procedure, service, version }: Left): string {
  return [procedure, service, version].join(' ')
}
