import { z } from 'zod'
import { toMs } from '../base/instant.ts'
import type { Actor } from '../base/actor.ts'
import type { Incident } from './incident.ts'

/** What has become of the report of an incident. */
export type ReportState = {
  /** Since when it is asked for and not written yet; `null`: it is not. */
  readonly dueSince: string | null
  /** How often it was written. */
  readonly written: number
  /** The last time; `null`: it never was. */
  readonly last: { readonly ok: boolean; readonly says: string; readonly at: string } | null
  /** Who says that the world has it. */
  readonly published: { readonly by: Actor; readonly at: string } | null
  /** When people were told last that it is not there. */
  readonly missedAt: string | null
}

export const NO_REPORT: ReportState = {
  dueSince: null,
  written: 0,
  last: null,
  published: null,
  missedAt: null,
}

export const ReportSettings = z.strictObject({
  /** So long after the status page said "resolved" people are told that no report is published; 0: never. */
  remindAfterHours: z.number().min(0).max(720).default(24),
})

/**
 * Since when the world waits for the report: the incident is closed, and its status page says that there will be
 * one. `null`: nobody waits, or people were told already.
 */
export function reportPromisedAt(incident: Incident): string | null {
  const { closed, statusPage, report } = incident
  const said = statusPage.resolved?.decided
  if (!closed || said?.decision !== 'published' || report.published || isTold(incident)) return null
  return said.at
}

/** Whether it is time to tell people that it is not there. */
export function isReportMissed(incident: Incident, nowMs: number, hours: number): boolean {
  const promised = reportPromisedAt(incident)
  return promised !== null && hours > 0 && nowMs >= toMs(promised) + hours * 60 * 60_000
}

/** Since it was closed last: one that was opened again ends again. */
export function isTold({ closed, report: { missedAt } }: Incident): boolean {
  return missedAt !== null && (closed === null || toMs(missedAt) >= toMs(closed.at))
}
