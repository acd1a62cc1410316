import { z } from 'zod'
import { Drill, DrillEnd, Score } from './score.ts'

/** What people are told once, in a message of its own, in the channel of the drills. */
export const DrillNews = z.object({
  /** Carried by the message, so that it is known again after a crash. */
  key: z.string(),
  /** When it was about to be sent: it may have arrived, and is looked for before it is sent again (J4). */
  sentAt: z.iso.datetime().nullable(),
  told: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('started'), drill: Drill }),
    z.object({ kind: z.literal('ended'), score: Score, before: Score.nullable() }),
    z.object({ kind: z.literal('left'), drill: Drill, end: DrillEnd }),
  ]),
})
export type DrillNews = z.infer<typeof DrillNews>

/** All that outlives a drill, and a restart. */
export const KeptDrills = z.object({
  schema: z.literal(1),
  /** The one that was begun and has not ended. */
  running: Drill.nullable(),
  /** The oldest first. */
  scores: z.array(Score),
  untold: z.array(DrillNews),
})
export type KeptDrills = z.infer<typeof KeptDrills>

export const NO_DRILLS: KeptDrills = { schema: 1, running: null, scores: [], untold: [] }

/** More than a team holds in years. */
const MOST_SCORES = 200
const MOST_UNTOLD = 20

/** It is written down before anything of it is made. */
export function begun(kept: KeptDrills, drill: Drill): KeptDrills {
  const told = { kind: 'started', drill } as const
  const news = { key: `drill-started:${drill.id}`, sentAt: null, told }
  return withNews(kept, { running: drill }, news)
}

/** With its score, and whatever there is to compare it with. */
export function ended(kept: KeptDrills, score: Score, before: Score | null): KeptDrills {
  const { id } = score.drill
  const told = { kind: 'ended', score, before } as const
  const news = { key: `drill-ended:${id}`, sentAt: null, told }
  const scores = [...kept.scores, score].slice(-MOST_SCORES)
  return withNews(kept, { running: null, scores }, news)
}

/** Without a score: what was done in it cannot be read here (J10). */
export function left(kept: KeptDrills, drill: Drill, end: DrillEnd): KeptDrills {
  const told = { kind: 'left', drill, end } as const
  return withNews(kept, { running: null }, { key: `drill-ended:${drill.id}`, sentAt: null, told })
}

function withNews(kept: KeptDrills, changes: Partial<KeptDrills>, news: DrillNews): KeptDrills {
  return { ...kept, ...changes, untold: [...kept.untold, news].slice(-MOST_UNTOLD) }
}
