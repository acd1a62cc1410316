import { z } from 'zod'
import type { Incident } from '../incident/incident.ts'
import { leftOpen } from '../incident/left-open.ts'
import { StatusStage } from '../incident/status-page.ts'
import { PHASES, rollbackOf, whoseTime } from '../incident/whose-time.ts'
import { rollsBackBy } from '../plan/about-request.ts'
import { readingMs, shownForMs } from '../plan/readable.ts'
import { hasDone, mayHaveWritten } from '../plan/run.ts'

/** What a scenario asks of people: that they roll back, that they leave it, or that one of them decides. */
const Wanted = z.enum(['roll-back', 'do-not', 'person-decides'])
type Wanted = z.infer<typeof Wanted>

/** `restarted`: Backout was started anew. `forgotten`: nobody ended it. Kept on disk: never rename. */
export const DrillEnd = z.enum(['closed', 'stopped', 'restarted', 'forgotten'])
export type DrillEnd = z.infer<typeof DrillEnd>

/** A drill, as it was begun. */
export const Drill = z.object({
  id: z.string().regex(/^drill-[\w-]{1,40}$/),
  scenario: z.string(),
  wanted: Wanted,
  /** What goes wrong besides; `null`: nothing. */
  fault: z.string().nullable(),
  /** Which scenario it is was nobody told. */
  secret: z.boolean(),
  by: z.string(),
  startedAt: z.iso.datetime(),
})
export type Drill = z.infer<typeof Drill>

/** What people went past. */
const Overlooked = z.discriminatedUnion('what', [
  /** They rolled back, and this spoke against it, on the card. */
  z.object({ what: z.literal('spoke-against'), says: z.string() }),
  /** They rolled back, and the answer was: do not. */
  z.object({ what: z.literal('said-do-not') }),
  z.object({
    what: z.literal('signed-unread'),
    plan: z.int().positive(),
    by: z.string(),
    afterMs: z.number(),
    readingMs: z.number(),
  }),
  z.object({ what: z.literal('verification'), titles: z.array(z.string()) }),
  z.object({ what: z.literal('status-page'), stages: z.array(StatusStage) }),
  z.object({ what: z.literal('not-stable') }),
  z.object({ what: z.literal('maintenance') }),
  z.object({ what: z.literal('suspended'), owner: z.string() }),
])
export type Overlooked = z.infer<typeof Overlooked>

export const Score = z.object({
  drill: Drill,
  end: DrillEnd,
  endedAt: z.iso.datetime(),
  incident: z.string().nullable(),
  did: z.enum(['rolled-back', 'tried', 'nothing']),
  /** `undecided`: it ended before anybody could be said to have decided. */
  decision: z.enum(['right', 'wrong', 'undecided']),
  phases: z.array(z.object({ until: z.enum(PHASES), peopleMs: z.number(), machineMs: z.number() })),
  /** How long after the card stood there each signature came, of the plan that was carried out. */
  signatures: z.array(z.object({ by: z.string(), afterMs: z.number() })),
  overlooked: z.array(Overlooked),
})
export type Score = z.infer<typeof Score>

/** Nobody reads a card word for word; who takes less than this part of the time for that has not read it. */
const SKIMMED = 1 / 3

/** What came of a drill, by its journal and what it was about alone. */
export function scoreOf(
  drill: Drill,
  incidents: readonly Incident[],
  { end, endedAt }: Pick<Score, 'end' | 'endedAt'>,
): Score {
  const incident = incidents.find(({ declared }) => declared !== null) ?? incidents[0] ?? null
  const plan = incident && rollbackOf(incident)
  const did = doneIn(incidents)
  return {
    drill,
    end,
    endedAt,
    incident: incident?.id ?? null,
    did,
    decision: decisionOf(drill.wanted, did, { end, incident }),
    phases: incident ? [...whoseTime(incident, drill.startedAt)] : [],
    signatures: plan?.approvals.map(({ by, at }) => ({ by, afterMs: shownForMs(plan, at) })) ?? [],
    overlooked: incident ? [...overlookedIn(incident, end)] : [],
  }
}

function doneIn(incidents: readonly Incident[]): Score['did'] {
  const runs = incidents
    .flatMap(({ plans }) => plans)
    .flatMap(({ request, run }) => (rollsBackBy(request) && run ? [run] : []))
  if (runs.some(hasDone)) return 'rolled-back'
  return runs.some(mayHaveWritten) ? 'tried' : 'nothing'
}

function decisionOf(
  wanted: Wanted,
  did: Score['did'],
  { end, incident }: { readonly end: DrillEnd; readonly incident: Incident | null },
): Score['decision'] {
  const isOver = end === 'closed'
  switch (wanted) {
    case 'roll-back':
      if (did === 'rolled-back') return 'right'
      return isOver ? 'wrong' : 'undecided'
    case 'do-not':
      if (did !== 'nothing') return 'wrong'
      // Whoever looked and then ended it has left production alone; who has not looked has decided nothing.
      return incident?.assessment && (isOver || end === 'stopped') ? 'right' : 'undecided'
    case 'person-decides':
      return isOver || did === 'rolled-back' ? 'right' : 'undecided'
    default:
      return wanted satisfies never
  }
}

function overlookedIn(incident: Incident, end: DrillEnd): readonly Overlooked[] {
  return [...beforeRollback(incident), ...unread(incident), ...leftBy(incident, end)]
}

/** What stood on the newest answer when the first rollback was begun. */
function beforeRollback(incident: Incident): readonly Overlooked[] {
  const run = rollbackOf(incident)?.run
  if (!run) return []
  const seen = incident.timeline.findLast(({ at, event }) => {
    return event.type === 'assessment-taken' && at <= run.startedAt
  })
  if (seen?.event.type !== 'assessment-taken') return []
  const { decision, against = [] } = seen.event.assessment
  return [
    ...(decision === 'do-not' ? [{ what: 'said-do-not' } as const] : []),
    ...against.map(({ says }) => ({ what: 'spoke-against', says }) as const),
  ]
}

function unread({ plans }: Incident): readonly Overlooked[] {
  return plans.flatMap((state) => {
    const { plan, number } = state
    if (!plan) return []
    const wholeMs = readingMs(plan)
    return state.approvals
      .map(({ by, at }) => ({ by, afterMs: shownForMs(state, at) }))
      .filter(({ afterMs }) => afterMs < wholeMs * SKIMMED)
      .map((signature) => {
        return { what: 'signed-unread', plan: number, ...signature, readingMs: wholeMs } as const
      })
  })
}

/** What is open still when it ends; of a drill that was not brought to its end that is no wonder. */
function leftBy(incident: Incident, end: DrillEnd): readonly Overlooked[] {
  if (end !== 'closed') return []
  const stages = neverTold(incident)
  const left = leftOpen(incident).flatMap((open): readonly Overlooked[] => {
    switch (open.what) {
      case 'verification':
        return [{ what: 'verification', titles: [...open.titles] }]
      case 'watch':
        return open.state === 'stable' ? [] : [{ what: 'not-stable' }]
      case 'maintenance':
        return [{ what: 'maintenance' }]
      case 'suspended':
        return [{ what: 'suspended', owner: open.owner }]
      default:
        return []
    }
  })
  return [...left, ...(stages.length > 0 ? [{ what: 'status-page', stages } as const] : [])]
}

/** What came due since the page was told something last. */
function neverTold({ statusPage }: Incident): StatusStage[] {
  // The last stage is asked for by the closing itself.
  const due = StatusStage.options.filter((stage) => stage !== 'resolved' && statusPage[stage])
  const told = due.findLastIndex((stage) => statusPage[stage]?.decided != null)
  return due.slice(told + 1)
}

/** The newest earlier one of the same scenario that was brought to its end; `null`: this is the first. */
export function lastTime(score: Score, earlier: readonly Score[]): Score | null {
  const same = earlier.filter(({ drill, end }) => {
    return (
      drill.scenario === score.drill.scenario && end === 'closed' && drill.id !== score.drill.id
    )
  })
  return same.at(-1) ?? null
}
