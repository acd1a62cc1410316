import type { IncidentLog } from './incident-log.ts'

/** The same log; whatever is appended through it is shown, once it is durable (J8). */
export function shownAsItHappens(incidents: IncidentLog, show: (id: string) => void): IncidentLog {
  return {
    ...incidents,
    async append(id, next, options) {
      const written = await incidents.append(id, next, options)
      if (written.kind === 'appended') show(id)
      return written
    },
  }
}
