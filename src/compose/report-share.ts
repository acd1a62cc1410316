import type { FileSource } from '../engine/outbox/file-courier.ts'

/**
 * The report as a file in the thread, each time that it was written; only the newest is owed. It is made of the
 * state: what stands beside the evidence needs not be read again.
 */
export const reportShare: FileSource = {
  owed({ id, report: { written } }) {
    return written > 0 ? [{ key: `report-${written}`, name: `${id}-report-${written}.md` }] : []
  },

  async make(incident) {
    const { reportAsFile } = await import('./report-files.ts')
    return reportAsFile(incident)
  },
}
