import type { Chart, ReportContents } from '../chat/report/contents.ts'
import { reportContents } from '../chat/report/incident-report.ts'
import { asMarkdown } from '../chat/report/markdown.ts'
import { oneLine } from '../chat/text/text.ts'
import { asPage } from '../chat/report/page.ts'
import type { JournaledEvent } from '../domain/incident/event.ts'
import type { Incident } from '../domain/incident/incident.ts'
import type { SharedFile } from '../ports/conversations.ts'
import { journalLines } from './journal-lines.ts'

/** The text of one file, a piece at a time, with what looks like a credential hidden in each of its words. */
export type ReportFile = { readonly name: string; readonly text: () => AsyncIterable<string> }

/** The report as it is read and as it is shown, and the journal that it was written from. */
export function reportFiles(
  contents: ReportContents,
  events: readonly JournaledEvent[],
): readonly ReportFile[] {
  return [
    { name: 'report.md', text: () => only(`${asMarkdown(contents)}\n`) },
    { name: REPORT_PAGE, text: () => only(asPage(contents)) },
    { name: 'journal.jsonl', text: () => journalLines(events) },
  ]
}

export const REPORT_PAGE = 'report.html'

/** As it is shown in the thread. */
export function reportAsFile(incident: Incident, chart: Chart | null): Omit<SharedFile, 'name'> {
  const title = `Incident report: ${oneLine(incident.declared?.title ?? incident.id, 100)}`
  const text = `${asMarkdown(reportContents(incident, { chart }))}\n`
  return { title, altText: null, bytes: new TextEncoder().encode(text) }
}

async function* only(text: string): AsyncIterable<string> {
  yield text
}
