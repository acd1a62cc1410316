import { hasDone } from '../plan/run.ts'
import type { Incident } from './incident.ts'
import { rollbackOf, whoseTime } from './whose-time.ts'

/** Whose time it was from the beginning of an incident until its rollback had ended, in milliseconds. */
export type RollbackTime = {
  readonly incident: string
  readonly endedAt: string
  readonly peopleMs: number
  readonly machineMs: number
}

/** Of each incident whose rollback was carried out to its end, the newest first. */
export function rollbackTimes(incidents: readonly Incident[]): readonly RollbackTime[] {
  return incidents
    .flatMap((incident): readonly RollbackTime[] => {
      const { run = null } = rollbackOf(incident) ?? {}
      if (!hasDone(run) || run.ended === null) return []
      const phases = whoseTime(incident)
      const last = phases.findIndex(({ until }) => until === 'run-ended')
      if (last === -1) return []
      const upTo = phases.slice(0, last + 1)
      const sum = (of: 'peopleMs' | 'machineMs') => upTo.reduce((all, phase) => all + phase[of], 0)
      const times = { peopleMs: sum('peopleMs'), machineMs: sum('machineMs') }
      return [{ incident: incident.id, endedAt: run.ended.at, ...times }]
    })
    .toSorted((a, b) => b.endedAt.localeCompare(a.endedAt, 'en'))
}
