import type { KeptFile } from '../adapters/files/kept-file.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Log } from '../ports/log.ts'

/**
 * What is kept, or `nothing`, read anew each time: another process may have acted, and written it, since. What cannot
 * be read when it is first asked for is begun anew, and that is said; afterwards nothing is done without it. `of`: "the
 * ways back".
 */
export function keptIn<Kept>(
  file: KeptFile<Kept>,
  nothing: Kept,
  { of, log }: { readonly of: string; readonly log: Log },
): { readonly read: () => Promise<Kept>; readonly write: (next: Kept) => Promise<void> } {
  let isKnown = false
  let isSaid = false

  return {
    /** Throws the `Fault` of the file. */
    async read() {
      try {
        const found = await file.read()
        isKnown = true
        return found ?? nothing
      } catch (error) {
        if (isKnown || !(error instanceof Fault)) throw error
        if (!isSaid) log.warn(`what was known of ${of} is begun anew`, { error })
        isSaid = true
        return nothing
      }
    },
    async write(next) {
      await file.write(next)
      isKnown = true
    },
  }
}
