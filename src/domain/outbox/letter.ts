import { z } from 'zod'

/** Which list of key customers: made of its name in the settings, and no address. */
export const ListId = z.string().regex(/^[0-9a-f]{12}$/)

/** Which letter to that list it is: the list, and a number where it was sent again. */
export const LetterKey = z.string().regex(/^[0-9a-f]{12}\/[1-9]\d{0,3}$/)

/** Exactly what goes out to one list: plain text, to the last letter. */
export const Letter = z.object({
  list: ListId,
  /** What the settings call the list. */
  name: z.string().min(1).max(80),
  /** How many addresses are on it. The addresses themselves stay in the settings. */
  recipients: z.int().positive(),
  /** By which it is seen that they are still the same ones. */
  addressed: z.string(),
  subject: z.string().min(1).max(200),
  text: z.string().min(1).max(8000),
})
export type Letter = z.infer<typeof Letter>

/** What the mail server answered. Accepted is not read: it may still come back. */
export const LetterReceipt = z.object({
  /** Its Message-ID, by which it is found in the log of the mail server. */
  id: z.string().min(1).max(400),
  at: z.iso.datetime(),
  accepted: z.int().nonnegative(),
  rejected: z.int().nonnegative(),
})
export type LetterReceipt = z.infer<typeof LetterReceipt>

/** What would be sent now, and what tells that it is still the same. */
export type DraftedLetter = { readonly letter: Letter; readonly digest: string }

/** Somebody said that it goes out. */
export type SentLetter = {
  /** What it is called among what is sent outward. */
  readonly key: string
  readonly by: string
  readonly at: string
  /** Exactly what was to be sent. */
  readonly letter: Letter
}
