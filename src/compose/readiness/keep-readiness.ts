import type { Recurring } from '../../adapters/cron/every.ts'
import type { ReadinessFile } from '../../adapters/files/readiness-file.ts'
import { toMs } from '../../domain/base/instant.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { View } from '../../domain/base/view.ts'
import { asOfNow } from '../../domain/readiness/as-of-now.ts'
import {
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
import { readKept } from '../read-kept.ts'
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

const MOST_UNTOLD = 20

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
  readonly file: ReadinessFile
  readonly look: (
    signal: AbortSignal,
  ) => Promise<{ readonly reading: Reading; readonly moving: boolean }>
  readonly whyLeft: (left: Left, signal: AbortSignal) => Promise<string | null>
  /** Whether people are told by this process. */
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
 * what was lost or regained, once. What is due is decided by what is kept: a restart repeats and forgets nothing.
 */
export function keepReadiness(deps: KeptBy): Readiness {
  const { settings, clock, log, file } = deps
  const stopping = new AbortController()
  const everyMs = settings.everyMinutes * MINUTE_MS
  const isScheduled = everyMs > 0
  let opening: Promise<void> | null = null
  let kept = NOTHING_KEPT
  /** What was seen counts, though the disk does not take it. */
  let seen: Reading | null = null
  // A start has other things to do in its first minute.
  let dueAtMs = clock.now() + MINUTE_MS
  let soonTimes = 0

  async function open(): Promise<void> {
    // What is gone since it could not be read is not told.
    const found = await readKept(file, NOTHING_KEPT, { of: 'the ways back', log })
    kept = found
    seen = found.reading
    if (!seen) return
    const nextMs = toMs(seen.at) + everyMs
    // By a clock that was set back since, it may be far away.
    dueAtMs = Math.max(dueAtMs, Math.min(nextMs, clock.now() + everyMs))
  }

  async function keep(next: KeptReadiness): Promise<void> {
    await file.write(next)
    kept = next
  }

  async function look(signal: AbortSignal): Promise<void> {
    const before = kept
    const { reading, moving } = await deps.look(signal)
    signal.throwIfAborted()
    seen = reading
    const asked = leadsElsewhere(before.standings, reading).map(async (left) => {
      return [keyOf(left), await deps.whyLeft(left, signal)] as const
    })
    const whys = new Map(await Promise.all(asked))
    signal.throwIfAborted()
    const found = compare(before.standings, reading, (left) => whys.get(keyOf(left)) ?? null)
    const { standings, lost, regained } = found
    for (const one of lost) log.warn('a way back was lost', one)
    for (const one of regained) log.info('a way back is there again', one)
    const { at } = reading
    const news = { key: `readiness:${at}`, at, lost: [...lost], regained: [...regained] }
    const isNews = isScheduled && deps.tells() && lost.length + regained.length > 0
    const untold = isNews ? [...before.untold, { ...news, sentAt: null }] : before.untold
    dueNext(moving || standings.some(({ doubted }) => doubted))
    const next = { reading, standings: [...standings], untold: untold.slice(-MOST_UNTOLD) }
    await keep({ schema: 1, ...next })
  }

  function dueNext(soon: boolean): void {
    const isSoon = soon && soonTimes < SOON_TIMES
    soonTimes = soon ? soonTimes + 1 : 0
    dueAtMs = isScheduled ? clock.now() + (isSoon ? MINUTE_MS : everyMs) : Infinity
  }

  const tell = newsTeller({
    ...deps,
    untold: async () => kept.untold,
    keep: (untold) => keep({ ...kept, untold: [...untold] }),
  })
  const opened = () => (opening ??= open())
  void opened()
  const looks = steadyLook(
    async () => {
      await opened()
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
      await opened()
      if (seen && Math.abs(clock.now() - toMs(seen.at)) < SELDOM_MS) return shown()
      dueAtMs = clock.now()
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, patienceMs)
      await Promise.race([looks.once(), late])
      clearTimeout(timer)
      return shown()
    },
    deployed() {
      soonTimes = 0
      dueAtMs = Math.min(dueAtMs, clock.now())
    },
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

function keyOf({ procedure, service, version }: Left): string {
  return [procedure, service, version].join(' ')
}
