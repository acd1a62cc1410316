import { Fault } from '../domain/base/fault.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Incident } from '../domain/incident/incident.ts'
import { redact } from '../domain/text/redact.ts'
import type { Preparation } from '../engine/run/runbook.ts'
import type { EvidenceStore } from '../ports/evidence.ts'
import type { Journal } from '../ports/journal.ts'
import { missing, summaryOf, type Entry } from '../runbook/evidence/evidence-summary.ts'
import type { EvidencePlan } from '../runbook/evidence/settings.ts'
import { reportFiles } from './report-files.ts'

type Deps = {
  readonly journal: Pick<Journal, 'read'>
  readonly store: EvidenceStore
  readonly limits: Pick<EvidencePlan, 'deadlineMs' | 'maxFileBytes'>
}

/**
 * Writes the report, its page and the journal beside the evidence of the incident: a folder of its own, whole once
 * it has its list of files. Never throws: what could not be written is said.
 */
export async function writeReport(
  incident: Incident,
  { journal, store, limits }: Deps,
  stopped: AbortSignal,
): Promise<Preparation> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(limits.deadlineMs)])
  const entries: Entry[] = []
  try {
    const events = await journal.read(incident.id, 0)
    const folder = await untilAborted(store.open(incident.id), signal)
    for (const { name, text } of reportFiles(incident, events)) {
      // oxlint-disable-next-line no-await-in-loop -- they share the room that there is
      const kept = await folder.keep(name, text(), { maxBytes: limits.maxFileBytes, signal })
      entries.push({ label: name, file: kept })
    }
    await untilAborted(folder.finish(entries.map(({ file }) => file)), signal)
    return summaryOf(entries, folder.givenUp())
  } catch (error) {
    const because = error instanceof Fault ? error.detail : `unexpected: ${redact(String(error))}`
    return summaryOf([...entries, missing('the report', 'report', because)], [])
  }
}
