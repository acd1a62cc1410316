import type { KeptFile } from '../adapters/files/kept-file.ts'
import { Fault } from '../domain/base/fault.ts'
import type { Log } from '../ports/log.ts'

/** What is kept, or `nothing`. What cannot be read is begun anew, and that is said. `of`: "the ways back". */
export async function readKept<Kept>(
  file: Pick<KeptFile<Kept>, 'read'>,
  nothing: Kept,
  { of, log }: { readonly of: string; readonly log: Log },
): Promise<Kept> {
  try {
    return (await file.read()) ?? nothing
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    log.warn(`what was known of ${of} is begun anew`, { error })
    return nothing
  }
}
