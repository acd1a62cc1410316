import { z } from 'zod'
import { Place } from '../../domain/incident/place.ts'
import { IncidentId } from '../reading/parse-press.ts'
import type { FieldErrors } from './start-modal.ts'

/** The card that opened a form; comes back with the submission. It names, and entitles to nothing. */
export const AboutCard = z.strictObject({
  incident: IncidentId,
  card: z.string().max(40),
  place: Place,
})
export type AboutCard = z.infer<typeof AboutCard>

/** What somebody typed, on one line; empty where they typed nothing. */
export function typedLine(text: string | null | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim()
}

export function tooLong(field: string, max: number): FieldErrors {
  return { errors: { [field]: `Use ${max} characters at most.` } }
}
