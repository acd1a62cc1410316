import { z } from 'zod'
import type { Enrolment } from './enrolment.ts'

/** An enrolment as it is kept, its secret sealed. `lastStep`: the newest half minute whose code has counted. */
export type KeptEnrolment = {
  readonly enrolment: Enrolment
  readonly sealed: Uint8Array
  readonly lastStep: number
}

/* The rows of a store, in whichever database they are. */

const Person = z.object({
  person: z.string(),
  id: z.string(),
  handle: z.string(),
  secret: z.instanceof(Uint8Array),
  made: z.number(),
  proved: z.number().nullable(),
  confirmed: z.number().nullable(),
  confirmed_by: z.string().nullable(),
  last_step: z.number(),
})
const Link = z.object({ person: z.string(), until: z.number() })
const Answer = z.object({ at: z.number(), body: z.instanceof(Uint8Array) })

export function readEnrolment(row: unknown): KeptEnrolment {
  const { confirmed, confirmed_by, ...kept } = Person.parse(row)
  const { person: user, id, handle, made: madeMs, proved: provedMs, secret: sealed } = kept
  const word = confirmed === null ? null : { by: confirmed_by ?? '', atMs: confirmed }
  const enrolment = { user, id, handle, madeMs, provedMs, confirmed: word }
  return { enrolment, sealed, lastStep: kept.last_step }
}

export function readLink(row: unknown): { readonly user: string; readonly untilMs: number } {
  const { person: user, until: untilMs } = Link.parse(row)
  return { user, untilMs }
}

export function readAnswer(row: unknown): { readonly atMs: number; readonly body: Uint8Array } {
  const { at: atMs, body } = Answer.parse(row)
  return { atMs, body }
}
