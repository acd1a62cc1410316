import type { Preparation } from '../../engine/run/runbook.ts'
import type { EvidenceFile } from '../../ports/evidence.ts'

/** One file, and what a person calls it. */
export type Entry = { readonly label: string; readonly file: EvidenceFile }

export function missing(label: string, name: string, skipped: string): Entry {
  return { label, file: { name, bytes: 0, sha256: null, skipped } }
}

/**
 * `14 files, 2.1 MB kept; not kept: Redis INFO (connection refused); removed to make room: the evidence of
 * 20260301-k7qf, which is closed`.
 */
export function summaryOf(entries: readonly Entry[], givenUp: readonly string[]): Preparation {
  const kept = entries.filter(({ file }) => file.sha256 !== null)
  const bytes = kept.reduce((sum, { file }) => sum + file.bytes, 0)
  const files = kept.length === 1 ? '1 file' : `${kept.length} files`
  const says = [
    kept.length === 0 ? 'nothing kept' : `${files}, ${sizeOf(bytes)} kept`,
    ...reasons('not whole', kept),
    ...reasons(
      'not kept',
      entries.filter(({ file }) => file.sha256 === null),
    ),
    ...removed(givenUp),
  ].join('; ')
  return { ok: entries.every(({ file }) => file.skipped === null), says }
}

function removed(incidents: readonly string[]): string[] {
  if (incidents.length === 0) return []
  const are = incidents.length === 1 ? 'which is closed' : 'which are closed'
  return [`removed to make room: the evidence of ${listed(incidents)}, ${are}`]
}

/** One reason may hold for very many files, and this is for one line of a card. */
function reasons(title: string, entries: readonly Entry[]): string[] {
  const labels = Map.groupBy(
    entries.filter(({ file }) => file.skipped !== null),
    ({ file }) => file.skipped ?? '',
  )
  if (labels.size === 0) return []
  const told = [...labels].map(
    ([because, those]) => `${listed(those.map(({ label }) => label))} (${shortened(because)})`,
  )
  return [`${title}: ${listed(told)}`]
}

function listed(all: readonly string[]): string {
  const more = all.length - 3
  return more > 1 ? `${all.slice(0, 3).join(', ')} and ${more} more` : all.join(', ')
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 119)}…` : text
}

function sizeOf(bytes: number): string {
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`
  return bytes >= 1000 ? `${Math.round(bytes / 1000)} kB` : `${bytes} bytes`
}
