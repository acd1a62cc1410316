import { setImmediate } from 'node:timers/promises'
import { Fault } from '../../../domain/base/fault.ts'
import { cutLines, redactedLines, slicesOf } from '../../../domain/text/redacted-lines.ts'

/**
 * A log as it may be shown, some whole lines at a time: a secret that came in two chunks is found,
 * and a key that spans lines is hidden from its first to its last. Others have their turn in between.
 * Throws a `Fault` at its end when lines were cut: whoever keeps it must not call it whole.
 */
export async function* redactedText(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const lines = redactedLines()
  const decoder = new TextDecoder()
  for await (const chunk of chunks) {
    for (const slice of slicesOf(decoder.decode(chunk, { stream: true }))) {
      const text = lines.push(slice)
      if (text !== '') yield text
      await setImmediate()
    }
  }
  const text = lines.push(decoder.decode()) + lines.end()
  if (text !== '') yield text
  if (lines.cuts() === 0) return
  // A last line that does not end is not kept before a fault.
  if (!text.endsWith('\n')) yield '\n'
  throw new Fault({ kind: 'terminal', dependency: 'kubernetes', detail: cutLines })
}
