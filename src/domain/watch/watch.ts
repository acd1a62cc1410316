import { z } from 'zod'
import { Verdict } from '../assessment/verdict.ts'
import { toMs } from '../base/instant.ts'
import { dueAfterMs, dueBy, everyMsAt, HALF_HOUR, lastsMs, type Schedule } from './schedule.ts'
import { isSameVersion } from '../workload/service-pages.ts'
import { Since } from '../workload/newest-change.ts'

/** The first half hour after a rollback: a look every ten seconds. */
export const WATCH = { everyMs: 10_000, forMs: 30 * 60_000, settlesMs: 90_000 } as const

/** So many bad looks in a row are a relapse, so many blind ones are told, so many good ones are stable. */
export const LIMITS = { bad: 2, blind: 4, good: 10 } as const

/** One look at production, at a time that was due. */
export const Look = z.object({
  /** Which of the due times: 0 is the end of the run. */
  due: z.int().min(0),
  verdict: Verdict,
  /** What could not be measured had nothing to measure: it counts neither way. */
  quiet: z.literal(true).optional(),
  /** Data of one organisation was shown to another: this look alone is a relapse. */
  leak: z.literal(true).optional(),
  /**
   * Until so long after the run some of its numbers still measure the time before, and what the others
   * say. Left out where that is over with `WATCH.settlesMs`, and in old journals.
   */
  settling: z.object({ untilMs: z.int().positive(), verdict: Verdict }).optional(),
  /** One for each thing looked at. */
  lines: z.array(
    z.object({
      /** The probe that looked, and at what. */
      probe: z.string(),
      target: z.string(),
      verdict: Verdict,
      /** "HTTP 200 in 12 ms" */
      says: z.string(),
      /** The version that runs, where the probe asks for it. */
      version: z.string().nullable(),
      /** When the version that should not run was brought, and by whom; left out in old journals. */
      changed: z.object({ since: Since.nullable(), by: z.string().nullable() }).optional(),
    }),
  ),
})
export type Look = z.infer<typeof Look>

/** `settling`: not yet enough good looks in a row. `blind`: too many looks brought no answer. */
export const WatchState = z.enum(['settling', 'stable', 'relapse', 'blind'])
export type WatchState = z.infer<typeof WatchState>

type Versions = Readonly<Record<string, readonly string[]>>

/** A watch over production, folded from its looks. */
export type Watch = {
  /** 1, 2, 3… within the incident. */
  readonly number: number
  /** The plan whose run it follows; `null`: a person asked for it. */
  readonly plan: number | null
  readonly startedAt: string
  readonly schedule: Schedule
  readonly looks: number
  /** Due times that passed while nobody looked: never counted as good. */
  readonly missed: number
  readonly last: Look | null
  /** When that was written down. */
  readonly lookedAt: string | null
  /** The looks that count: those before still measure the time before the run ended. */
  readonly counted: number
  /** So long after the run its numbers speak of now. */
  readonly settlesMs: number
  /**
   * Which versions may run where: those of the plan, else what ran when the watch began. Another one
   * is a change nobody signed.
   */
  readonly versions: Versions
  /** What the card shows: the newest look that said something else, or was a minute later. */
  readonly shown: { readonly look: Look; readonly at: string } | null
  readonly goodInARow: number
  readonly badInARow: number
  readonly blindInARow: number
  readonly state: WatchState
  /** When it last became another state. */
  readonly stateSince: string
  readonly ended: { readonly because: 'over' | 'stopped'; readonly at: string } | null
}

export function newWatch(
  number: number,
  plan: number | null,
  at: string,
  { versions = {}, schedule = HALF_HOUR }: Partial<Pick<Watch, 'versions' | 'schedule'>> = {},
): Watch {
  return {
    number,
    plan,
    startedAt: at,
    schedule,
    looks: 0,
    missed: 0,
    last: null,
    lookedAt: null,
    counted: 0,
    settlesMs: WATCH.settlesMs,
    versions,
    shown: null,
    goodInARow: 0,
    badInARow: 0,
    blindInARow: 0,
    state: 'settling',
    stateSince: at,
    ended: null,
  }
}

/** Silence is never good (J10): a look that could not be taken ends a row of good ones. */
export function watched(watch: Watch, look: Look, at: string): Watch {
  // What was measured over the last minute still holds the time before the run ended: it counts neither way.
  const early = dueAfterMs(watch.schedule, look.due) < WATCH.settlesMs && !look.leak
  // The clock's tick is never quite even: one due time may fall between two looks.
  const skipped = look.due - (watch.last ? watch.last.due + 1 : 1)
  const gap = skipped > 1
  const row = early ? NO_ROW : rowAfter(watch, gap ? { ...watch, goodInARow: 0 } : watch, look)
  const state = stateOf(watch.state, row)
  return {
    ...watch,
    ...row,
    looks: watch.looks + 1,
    counted: watch.counted + (early ? 0 : 1),
    settlesMs: look.settling?.untilMs ?? WATCH.settlesMs,
    lookedAt: at,
    missed: watch.missed + (gap ? skipped : 0),
    last: look,
    versions: { ...versionsIn(look), ...watch.versions },
    shown: state === watch.state ? shown(watch, look, at) : { look, at },
    state,
    stateSince: state === watch.state ? watch.stateSince : at,
  }
}

type Row = Pick<Watch, 'goodInARow' | 'badInARow' | 'blindInARow'>

const NO_ROW: Row = { goodInARow: 0, badInARow: 0, blindInARow: 0 }

/** While some numbers still measure the time before, the others can be bad or silent, and nothing is good yet. */
function rowAfter({ schedule }: Watch, before: Row, look: Look): Row {
  const { due, verdict, settling } = look
  if (look.leak) return { ...NO_ROW, badInARow: Math.max(before.badInARow + 1, LIMITS.bad) }
  // It has seen, and there was nothing to measure.
  if (look.quiet && verdict === 'inconclusive') return { ...rowOf(before), blindInARow: 0 }
  const isSettling = settling !== undefined && dueAfterMs(schedule, due) < settling.untilMs
  const now = isSettling ? settling.verdict : verdict
  if (now === 'degraded') return { ...NO_ROW, badInARow: before.badInARow + 1 }
  if (now !== 'healthy') return { ...NO_ROW, blindInARow: before.blindInARow + 1 }
  if (isSettling) return NO_ROW
  return { ...NO_ROW, goodInARow: before.goodInARow + 1 }
}

function rowOf({ goodInARow, badInARow, blindInARow }: Row): Row {
  return { goodInARow, badInARow, blindInARow }
}

function versionsIn({ lines }: Look): Versions {
  return Object.fromEntries(
    lines.flatMap(({ target, version }) => (version === null ? [] : [[target, [version]]])),
  )
}

/** The same look, and bad where a service tells another version than it may. */
export function heldAgainst({ versions }: Watch, look: Omit<Look, 'due'>): Omit<Look, 'due'> {
  const lines = look.lines.map((line) => {
    const wanted = versions[line.target]
    const { version } = line
    if (version === null || !wanted) return line
    if (wanted.some((one) => isSameVersion(one, version))) return line
    const says = `runs ${version}, not ${wanted.join(' or ')}`
    return { ...line, verdict: 'degraded' as const, says }
  })
  const changed = lines.some((line, index) => line !== look.lines[index])
  if (!changed) return look
  const settling = look.settling && { ...look.settling, verdict: 'degraded' as const }
  return { lines, verdict: 'degraded', ...(settling ? { settling } : {}) }
}

/** How long the same look stands on the card. What is stable is glanced at, not watched. */
const SHOWN_ANEW_MS = { stable: 5 * 60_000, otherwise: 60_000 } as const

/** A card that changes with every look would tell nobody that something changed. */
function shown({ shown: before, state }: Watch, look: Look, at: string): Watch['shown'] {
  const says = ({ lines }: Look) =>
    lines.map(({ probe, target, verdict }) => `${probe}/${target}:${verdict}`).join()
  const same = before !== null && says(before.look) === says(look)
  const standsMs = state === 'stable' ? SHOWN_ANEW_MS.stable : SHOWN_ANEW_MS.otherwise
  const young = before !== null && toMs(at) - toMs(before.at) < standsMs
  return same && young ? before : { look, at }
}

function stateOf(before: WatchState, row: Row): WatchState {
  if (row.badInARow >= LIMITS.bad) return 'relapse'
  if (row.blindInARow >= LIMITS.blind) return 'blind'
  if (row.goodInARow >= LIMITS.good) return 'stable'
  if (before === 'stable' && row.badInARow > 0) return 'settling'
  // It sees again, and has not seen enough yet.
  if (before === 'blind' && row.blindInARow === 0) return 'settling'
  // One good look does not end a relapse, and one bad look does not make one.
  return before
}

/** Which due time it is now; `null` when none is due that was not looked at. */
export function dueLook(watch: Watch, nowMs: number): number | null {
  if (watch.ended) return null
  const due = dueBy(watch.schedule, nowMs - toMs(watch.startedAt))
  return due > (watch.last?.due ?? 0) ? due : null
}

/** Since when nobody has looked although looks were due; `null`: they come. */
export function unseenSince(watch: Watch, nowMs: number): string | null {
  const { ended, lookedAt, startedAt, schedule } = watch
  const since = lookedAt ?? startedAt
  const everyMs = everyMsAt(schedule, (watch.last?.due ?? 0) + 1)
  // The last look is late before as many are missing as blind ones are told.
  const missing = (nowMs - toMs(since)) / everyMs - 1
  return ended === null && missing >= LIMITS.blind ? since : null
}

export function isOver({ startedAt, schedule }: Watch, nowMs: number): boolean {
  return nowMs >= toMs(startedAt) + lastsMs(schedule)
}

export function isWatching(watch: Watch | null): watch is Watch {
  return watch !== null && watch.ended === null
}

/** Turned by what the journal says: whoever wrote it had seen the looks. */
export function turned(watch: Watch, to: WatchState, at: string): Watch {
  if (watch.state === to) return watch
  const { last, lookedAt } = watch
  const seen = last && lookedAt !== null ? { look: last, at: lookedAt } : watch.shown
  return { ...watch, state: to, stateSince: at, shown: seen }
}

/** Another version may run from now on: whatever the next look finds. What was seen before says nothing of it. */
export function takingWhatRuns(watch: Watch, at: string): Watch {
  if (!isWatching(watch)) return watch
  return { ...watch, ...NO_ROW, versions: {}, state: 'settling', stateSince: at }
}

/** Something else says that production is not well: what the watch has found until then is no claim any more. */
export function contradicted(watch: Watch, at: string): Watch {
  if (!isWatching(watch) || watch.state !== 'stable') return watch
  return { ...watch, goodInARow: 0, state: 'settling', stateSince: at }
}
