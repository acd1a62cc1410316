import { setImmediate } from 'node:timers/promises'
import { Fault } from '../../../domain/base/fault.ts'
import { cutLines, redactedLines, slicesOf } from '../../../domain/text/redacted-lines.ts'

/**
 * A log as it may be shown, some whole lines at a time: a key that spans lines is hidden from its first to its
 * last. Others have their turn in between. Throws a `Fault` at its end when something was left out: whoever keeps
 * it must not call it whole.
 */
export async function* redactedText(
  parts: AsyncIterable<string>,
  isCut: () => boolean,
): AsyncIterable<string> {
  const lines = redactedLines()
  for await (const part of parts) {
    for (const slice of slicesOf(part)) {
      const text = lines.push(slice)
      if (text !== '') yield text
    }
    await setImmediate()
  }
  const text = lines.end()
  if (text !== '') yield text
  const detail = isCut() ? 'more was written than is read' : lines.cuts() > 0 ? cutLines : null
  if (detail === null) return
  // A last line that does not end is not kept before a fault.
  if (!text.endsWith('\n')) yield '\n'
  throw new Fault({ kind: 'terminal', dependency: 'docker', detail })
}
