import { z } from 'zod'

/** What a flag says at one place. `null`: it is not there, which is a value of its own. */
export const FlagValue = z.string().nullable()
export type FlagValue = z.infer<typeof FlagValue>

/** One short word. Anything else is not kept or shown: it may be a secret that was named by mistake. */
export function isFlagLike(value: FlagValue): boolean {
  return value === null || /^[\w.:-]{0,64}$/.test(value)
}

/** `"false"`, or that it is not set. */
export function flagInWords(value: FlagValue): string {
  if (value === null) return 'not set'
  return isFlagLike(value) ? `"${value}"` : 'another text'
}
