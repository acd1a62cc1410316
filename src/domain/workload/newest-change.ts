import { z } from 'zod'
import { toMs } from '../base/instant.ts'

/** A moment that something runs since. Not exact: it was then already, and maybe before. */
export const Since = z.object({ time: z.string(), exact: z.boolean() })
export type Since = z.infer<typeof Since>

/**
 * How what a service runs last changed, as far as the world tells. Whatever is not told, or could
 * belong to another change, is `null`.
 */
export const NewestChange = z.object({
  service: z.string(),
  /** What it asks for since then. */
  images: z.array(z.string()),
  /** The images of the newest kept version before that one; `null`: none is kept. */
  imagesBefore: z.array(z.string()).nullable(),
  /** `version`: other images than before. The others: the same images once more. */
  kind: z.enum(['version', 'restart', 'settings']),
  /** When this change began to be rolled out. */
  since: Since.nullable(),
  /** When these images came, where they were there before this change. */
  versionSince: Since.nullable(),
  /** What made the change, by the name under which it writes: a person's tool, a pipeline, a controller. */
  by: z.string().nullable(),
  /** Why, in the words of whoever made it. */
  cause: z.string().nullable(),
  /** What the release says of itself. */
  commit: z.string().nullable(),
  source: z.string().nullable(),
  authors: z.string().nullable(),
  builtAt: z.string().nullable(),
})
export type NewestChange = z.infer<typeof NewestChange>

/** With the page that shows what is different, where the settings tell where that is. */
export const ComparedChange = NewestChange.extend({ compareUrl: z.string().nullable() })
export type ComparedChange = z.infer<typeof ComparedChange>

/** The newest first; what nobody knows the time of comes last. */
export function newestFirst<Change extends Pick<NewestChange, 'since'>>(
  changes: readonly Change[],
): readonly Change[] {
  const msOf = ({ since }: Change) => (since ? toMs(since.time) : -Infinity)
  return changes.toSorted((a, b) => msOf(b) - msOf(a) || 0)
}
