import type { Recurring } from '../../adapters/cron/every.ts'
import type { Assessment } from '../../domain/assessment/assessment.ts'
import { releaseWatchActor } from '../../domain/base/actor.ts'
import { toIso } from '../../domain/base/instant.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { ReceivedIntent } from '../../domain/incident/intent.ts'
import { newReleases, type NewRelease } from '../../domain/watch/new-releases.ts'
import {
  holdsReleases,
  judgedLook,
  NOTHING_SEEN,
  releaseMove,
  type ReleaseTurn,
  type WatchedRelease,
} from '../../domain/watch/release-watch.ts'
import type { ReleaseWatchSettings } from '../../domain/watch/settings.ts'
import type { Workload } from '../../domain/workload/workload.ts'
import type { OpenedTogether } from '../../engine/open-together.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import { steadyLook } from '../steady-look.ts'
import { countReleases, type ReleaseGauges } from './count-releases.ts'
import { watchedReleases } from './watched-releases.ts'

const MINUTE_MS = 60_000

/** All of one look: a list and an assessment, each of which ends by itself long before (J9). */
const LOOK_MS = 45_000
const LIST_MS = 10_000

/** `elsewhere`: another process looks, and knows how that goes. */
export type ShownReleases = readonly WatchedRelease[] | 'elsewhere'

export type ReleaseWatch = Recurring & {
  /** What is watched now, the newest first. */
  shown(): ShownReleases
  counted<Gauges extends ReleaseGauges>(gauges: Gauges): Gauges
}

export type WatchedBy = {
  readonly settings: ReleaseWatchSettings
  readonly channel: string
  /** What runs the services. Throws a `Fault`. */
  readonly list: (signal: AbortSignal) => Promise<readonly Workload[]>
  readonly assess: (signal: AbortSignal) => Promise<Assessment>
  /** The incidents that are open, and those that something was written of within so many milliseconds, as they stand now. */
  readonly lately: (lastMs: number) => Promise<readonly Incident[]>
  /** Makes it durable that one incident is wanted for all of these, and sees to it after that (J8). */
  readonly open: (received: readonly ReceivedIntent[]) => Promise<OpenedTogether>
  /** Says "it is now", more often than anything is due. */
  readonly everyTurn: (turn: () => Promise<void>) => Recurring
  readonly count: (turn: ReleaseTurn) => void
  /** Of several processes one looks: that which does what incidents are owed. */
  readonly acts: () => boolean
  readonly clock: Clock
  readonly log: Log
}

/**
 * Looks at what was deployed lately, with the rules of judgement, and opens an incident where two looks in a row call for a
 * person. One look serves all new releases; which there are is read from what runs, each time: nothing has to outlive the process.
 */
export function watchReleases(deps: WatchedBy): ReleaseWatch {
  const { settings, clock, log } = deps
  const everyMs = settings.everySeconds * 1_000
  const stopping = new AbortController()
  const watched = watchedReleases(log)
  let memory = NOTHING_SEEN
  let dueAtMs = -Infinity

  async function look(signal: AbortSignal): Promise<void> {
    const nowMs = clock.now()
    const { workloads, trouble } = await listed(signal)
    if (workloads) watched.see(newReleases(workloads, nowMs, settings.minutes), toIso(nowMs))
    // What was seen before is watched on, though nobody can be asked what runs.
    const due = watched.due(nowMs - settings.minutes * MINUTE_MS)
    if (due.length > 0) {
      const turn = await turnOf(due, workloads ?? [], signal)
      note(due, turn)
      const keys = due.map(({ key }) => key)
      const move = releaseMove(memory, keys, turn)
      if (move.opens) await open(due)
      memory = move.memory
    } else memory = NOTHING_SEEN
    if (workloads === null) throw trouble
  }

  /** What cannot be found out is a turn without an answer, told and tried again (J10). */
  async function turnOf(
    due: readonly NewRelease[],
    workloads: readonly Workload[],
    signal: AbortSignal,
  ): Promise<ReleaseTurn> {
    try {
      const incidents = await deps.lately(settings.minutes * MINUTE_MS)
      if (incidents.some((one) => holdsReleases(one, due))) return 'held'
      const stuck = workloads.flatMap((one) => (one.stuck === undefined ? [] : [one.service]))
      return judgedLook(await untilAborted(deps.assess(signal), signal), stuck)
    } catch (error) {
      if (!stopping.signal.aborted) note(due, 'no-answer')
      throw error
    }
  }

  function note(due: readonly NewRelease[], turn: ReleaseTurn): void {
    watched.note(due, turn, toIso(clock.now()))
    deps.count(turn)
  }

  async function listed(signal: AbortSignal) {
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)])
    try {
      return { workloads: await untilAborted(deps.list(inTime), inTime), trouble: null }
    } catch (trouble) {
      signal.throwIfAborted()
      return { workloads: null, trouble }
    }
  }

  /** Each release has a name that every process gives it: one of them opens an incident, and once (J2, J5). */
  async function open(due: readonly NewRelease[]): Promise<void> {
    const opened = await deps.open(wishesFor(due, deps.channel))
    if (opened.kind === 'received') {
      watched.tell(due)
      log.warn('a new release looks bad: an incident was opened', {
        incident: opened.incident,
        releases: due.map(({ service, version }) => `${service} ${version}`),
      })
    } else if (opened.kind === 'known') {
      watched.tell(due.filter(({ key }) => opened.deliveries.includes(deliveryOf(key))))
    }
  }

  const looks = steadyLook(
    async () => {
      if (!deps.acts()) {
        watched.forget()
        memory = NOTHING_SEEN
        return
      }
      const nowMs = clock.now()
      // Further away than ever: the clock was set back.
      if (nowMs < dueAtMs && dueAtMs - nowMs <= everyMs) return
      const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(LOOK_MS)])
      dueAtMs = nowMs + everyMs
      try {
        await look(signal)
      } finally {
        if (memory.doubted.length > 0) dueAtMs = nowMs + everyMs / 2
      }
    },
    {
      stopped: stopping.signal,
      log,
      cannot: 'new releases cannot be looked at; tried again',
      again: 'new releases are looked at again',
    },
  )
  const schedule = deps.everyTurn(looks.once)
  const within = () => watched.shown(clock.now() - settings.minutes * MINUTE_MS)

  return {
    shown: () => (deps.acts() ? within() : 'elsewhere'),
    counted(gauges) {
      countReleases(deps.acts() ? within() : [], gauges)
      return gauges
    },
    async stop() {
      stopping.abort()
      await schedule.stop()
      await looks.underWay()
    },
  }
}

/** One for each release, all of them for one incident; the newest release is named first. */
function wishesFor(due: readonly NewRelease[], channel: string): readonly ReceivedIntent[] {
  const newestFirst = due.toReversed()
  const by = releaseWatchActor(newestFirst)
  return newestFirst.map(({ key }) => ({
    delivery: deliveryOf(key),
    by,
    place: { channel, thread: null },
    card: null,
    intent: { kind: 'assess', symptoms: [] },
  }))
}

function deliveryOf(key: string): string {
  return `release-watch:${key}`
}
