import { readIncident } from '../../adapters/sqlite/read-incident.ts'
import { incidentReport } from '../../chat/report/incident-report.ts'
import { foldIncident } from '../../domain/incident/fold.ts'

/** The report of one incident as Markdown. Throws a `Fault` when the journal cannot be read. */
export function runReport(
  id: string,
  file: string,
): { readonly output: string; readonly exitCode: number } {
  const events = readIncident(file, id)
  if (events.length === 0) return { output: `There is no incident ${id} in ${file}.`, exitCode: 1 }
  return { output: incidentReport(foldIncident(id, events)), exitCode: 0 }
}
