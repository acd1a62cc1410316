import { Fault } from './fault.ts'

/** What one request does not bring is left out and said; what concerns all of them, and a stop, is thrown. */
export async function unlessRefused<Piece>(
  name: string,
  {
    signal,
    concernsAll = () => false,
  }: {
    readonly signal: AbortSignal
    readonly concernsAll?: (fault: Fault) => boolean
  },
  get: (name: string) => Promise<Piece>,
): Promise<Piece | { readonly name: string; readonly skipped: string }> {
  try {
    return await get(name)
  } catch (error) {
    if (!(error instanceof Fault) || signal.aborted || concernsAll(error)) throw error
    return { name, skipped: error.detail }
  }
}
