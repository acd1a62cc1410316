import { Fault } from '../domain/base/fault.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Incident } from '../domain/incident/incident.ts'
import { redact } from '../domain/text/redact.ts'
import type { Preparation } from '../engine/run/runbook.ts'
import type { EvidenceStore } from '../ports/evidence.ts'
import type { Journal } from '../ports/journal.ts'
import { missing, summaryOf, type Entry } from '../runbook/evidence/evidence-summary.ts'
import type { EvidencePlan } from '../runbook/evidence/settings.ts'
import { keepReport } from './keep-report.ts'
import type { Picture } from './picture-of.ts'

type Deps = {
  readonly journal: Pick<Journal, 'read'>
  readonly store: EvidenceStore
  readonly limits: Pick<EvidencePlan, 'deadlineMs' | 'maxFileBytes'>
  /** `null`: nothing tells numbers. Throws what keeps it from being drawn. */
  readonly pictureOf: (incident: Incident, signal: AbortSignal) => Promise<Picture | null>
}

/** A report is not held up by its picture. */
const PICTURE_MS = 10_000

/**
 * Writes the report, its page, its picture and the journal beside the evidence of the incident: a folder of its own, whole once
 * it has its list of files. Never throws: what could not be written is said.
 */
export async function writeReport(
  incident: Incident,
  { journal, store, limits, pictureOf }: Deps,
  stopped: AbortSignal,
): Promise<Preparation> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(limits.deadlineMs)])
  const { deadlineMs, maxFileBytes: maxBytes } = limits
  const pictureMs = Math.min(PICTURE_MS, deadlineMs / 2)
  const entries: Entry[] = []
  try {
    const events = await journal.read(incident.id, 0)
    const folder = await untilAborted(store.open(incident.id), signal)
    const draw = (soon: AbortSignal) => pictureOf(incident, soon)
    const within = { maxBytes, pictureMs, signal }
    const { files, picture } = await keepReport(folder, { incident, events }, draw, within)
    entries.push(...files.map((file) => ({ label: file.name, file })))
    const all = picture ? [...files, picture] : files
    await untilAborted(folder.finish(all), signal)
    // A picture that there is counts; that there is none, the report says.
    if (picture?.skipped === null) entries.push({ label: picture.name, file: picture })
    return summaryOf(entries, folder.givenUp())
  } catch (error) {
    const because = error instanceof Fault ? error.detail : `unexpected: ${redact(String(error))}`
    return summaryOf([...entries, missing('the report', 'report', because)], [])
  }
}
