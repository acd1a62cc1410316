import { reportContents } from '../chat/report/incident-report.ts'
import { asMarkdown } from '../chat/report/markdown.ts'
import { oneLine } from '../chat/text/text.ts'
import type { Incident } from '../domain/incident/incident.ts'

type ReportFile = { readonly title: string; readonly altText: null; readonly bytes: Uint8Array }

/**
 * The report as a file in the thread, each time that it was written; only the newest is owed. It is made of the
 * state: what stands beside the evidence needs not be read again.
 */
export const reportShare = {
  owed({ id, report }: Incident): readonly { readonly key: string; readonly name: string }[] {
    const { written } = report
    return written > 0 ? [{ key: `report-${written}`, name: `${id}-report-${written}.md` }] : []
  },

  async make(incident: Incident): Promise<ReportFile> {
    const text = `${asMarkdown(reportContents(incident))}\n`
    const title = `Incident report: ${oneLine(incident.declared?.title ?? incident.id, 100)}`
    return { title, altText: null, bytes: new TextEncoder().encode(text) }
  },
}
