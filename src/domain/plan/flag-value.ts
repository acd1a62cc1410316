import { z } from 'zod'

/** What a flag says at one place. `null`: it is not there, which is a value of its own. */
export const FlagValue = z.string().nullable()
export type FlagValue = z.infer<typeof FlagValue>

/** `"false"`, or that it is not set. */
export function flagInWords(value: FlagValue): string {
  return value === null ? 'not set' : JSON.stringify(value)
}
