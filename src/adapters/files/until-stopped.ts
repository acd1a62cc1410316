import { Fault } from '../../domain/base/fault.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'

/** How a text goes on. After `failed` there is no more. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'failed'; readonly because: string }

/** The text until it or the signal ends; a source that never answers again is not waited for. */
export async function* untilStopped(
  text: AsyncIterable<string>,
  signal: AbortSignal,
): AsyncIterable<Part> {
  const parts = text[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await untilAborted(parts.next(), signal)
      if (next.done) return
      yield { kind: 'text', text: next.value }
    }
  } catch (error) {
    yield { kind: 'failed', because: wordsFor(error, signal) }
  } finally {
    parts.return?.().catch(() => undefined)
  }
}

/** Why a signal that is over ended it. */
export function endedBy({ reason }: AbortSignal): string {
  const late = reason instanceof Error && reason.name === 'TimeoutError'
  return late ? 'the time for it was over' : 'it was stopped'
}

function wordsFor(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return endedBy(signal)
  // Nobody else's words are repeated: they may hold anything.
  return error instanceof Fault ? error.detail : 'its source failed'
}
