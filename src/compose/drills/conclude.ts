import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { toIso } from '../../domain/base/instant.ts'
import { ended, left, type KeptDrills } from '../../domain/drill/kept.ts'
import { lastTime, scoreOf, type Drill, type DrillEnd } from '../../domain/drill/score.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'

/** So many journals and evidence of drills stay. */
const KEPT_FOLDERS = 10

/** Scores a drill that nobody plays any more, by its journal; keeps the score, and tells it. Throws a `Fault`. */
export function concluder(deps: {
  readonly folder: string
  /** `null`: its journal is not there. */
  readonly incidentsOf: (folder: string) => Promise<readonly Incident[] | null>
  readonly known: () => Promise<KeptDrills>
  readonly keep: (next: KeptDrills) => Promise<void>
  readonly told: () => Promise<void>
  readonly shared: { readonly clock: Clock; readonly log: Log }
}): (drill: Drill, how: DrillEnd) => Promise<void> {
  const { folder } = deps
  const { clock, log } = deps.shared

  /** A journal that cannot be read must not keep the next drill from being begun. */
  async function journaled({ id }: Drill): Promise<readonly Incident[] | null> {
    try {
      return await deps.incidentsOf(join(folder, id))
    } catch (error) {
      log.warn('the journal of a drill cannot be read', { drill: id, error })
      return null
    }
  }

  return async (drill, how) => {
    const incidents = await journaled(drill)
    const before = await deps.known()
    if (incidents === null) {
      log.warn('a drill has no score: its journal cannot be read here', { drill: drill.id, how })
      await deps.keep(left(before, drill, how))
      return deps.told()
    }
    const score = scoreOf(drill, incidents, { end: how, endedAt: toIso(clock.now()) })
    const next = ended(before, score, lastTime(score, before.scores))
    await deps.keep(next)
    log.info('a drill has ended', { drill: drill.id, how, decision: score.decision })
    await prune(folder, new Set(next.scores.slice(-KEPT_FOLDERS).map((one) => one.drill.id)))
    await deps.told()
  }
}

async function prune(folder: string, stay: ReadonlySet<string>): Promise<void> {
  const found = await readdir(folder).catch(() => [])
  const old = found.filter((name) => name.startsWith('drill-') && !stay.has(name))
  await Promise.all(old.map((name) => rm(join(folder, name), { recursive: true, force: true })))
}
