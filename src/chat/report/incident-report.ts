import type { Incident } from '../../domain/incident/incident.ts'
import { words, section, type Chart, type ReportContents } from './contents.ts'
import { aboutThis, summary, timeline } from './what-happened.ts'
import { actionItems, lessons, rootCause } from './what-is-left.ts'
import { impact, measurements } from './what-was-measured.ts'
import { approvals, resolution, timeSpentBy } from './what-was-done.ts'

export type ReportOptions = {
  /** Its picture; `null`: nothing tells numbers, and nothing is said of one. */
  readonly chart: Chart | null
}

/**
 * The report of an incident, in the order of the runbook's template: what the journal knows is filled in, and
 * what only people know is asked, beside what there is to answer it. Times are UTC.
 */
export function reportContents(
  incident: Incident,
  { chart }: ReportOptions = { chart: null },
): ReportContents {
  return {
    title: words(incident.declared?.title ?? incident.id),
    sections: [
      ...section('Summary', summary(incident)),
      ...section('Timeline', timeline(incident)),
      ...section('Root cause', rootCause(incident)),
      ...section('Impact', impact(incident)),
      ...section('What was measured', measurements(incident, chart)),
      ...section('Resolution', resolution(incident)),
      ...section('Approvals', approvals(incident)),
      ...section('Time of people and of Backout', timeSpentBy(incident)),
      ...section('Lessons learned', lessons(incident)),
      ...section('Action items', actionItems(incident)),
      ...section('About this report', aboutThis(incident)),
    ],
  }
}
