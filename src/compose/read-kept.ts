import type { z } from 'zod'
import { Fault } from '../domain/base/fault.ts'
import { jsonOf } from '../domain/base/json-of.ts'
import type { KeptTexts } from '../ports/kept.ts'
import type { Log } from '../ports/log.ts'

export type Kept<Value> = {
  /** `null`: there is none yet. Throws a `Fault` when it cannot be read, or is none of ours. */
  read(): Promise<Value | null>
  /** All of it, or nothing. Throws a `Fault`. */
  write(value: Value): Promise<void>
}

/** One of the texts, as what it says. `of`: what that is, for people: "the ways back". */
export function keptAs<Value>(
  texts: KeptTexts,
  name: string,
  { schema, of }: { readonly schema: z.ZodType<Value>; readonly of: string },
): Kept<Value> {
  return {
    async read() {
      const text = await texts.read(name)
      if (text === null) return null
      const { data } = schema.safeParse(jsonOf(text))
      if (data !== undefined) return data
      const detail = `what was known of ${of} cannot be read`
      throw new Fault({ kind: 'terminal', dependency: name, detail })
    },
    write: (value) => texts.write(name, `${JSON.stringify(value)}\n`),
  }
}

/**
 * What is kept, or `nothing`, read anew each time: another process may have acted, and written it, since. What can
 * never be read when it is first asked for is begun anew, and that is said; afterwards nothing is done without it. `of`: "the
 * ways back".
 */
export function keptIn<Value>(
  kept: Kept<Value>,
  nothing: Value,
  { of, log }: { readonly of: string; readonly log: Log },
): { readonly read: () => Promise<Value>; readonly write: (next: Value) => Promise<void> } {
  let isKnown = false
  let isSaid = false

  return {
    /** Throws the `Fault` that keeps it from being read. */
    async read() {
      try {
        const found = await kept.read()
        isKnown = true
        return found ?? nothing
      } catch (error) {
        const mayPass = !(error instanceof Fault) || error.kind === 'retryable'
        if (isKnown || mayPass) throw error
        if (!isSaid) log.warn(`what was known of ${of} is begun anew`, { error })
        isSaid = true
        return nothing
      }
    },
    async write(next) {
      await kept.write(next)
      isKnown = true
    },
  }
}
