import { keysHidden } from '../../../domain/text/keys-hidden.ts'
import { redact } from '../../../domain/text/redact.ts'

/** What is longer is cut: only what is whole can be judged, and not more than this is kept. */
const longestLine = 128 * 1024

/**
 * A log as it may be shown, some whole lines at a time: a secret that came in two chunks is found,
 * and a key that spans lines is hidden from its first to its last.
 */
export async function* redactedLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const withoutKeys = keysHidden()
  for await (const lines of wholeLines(chunks)) {
    const text = redact(withoutKeys(lines))
    if (text !== '') yield text
  }
}

async function* wholeLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  let begun = ''
  let skipping = false
  for await (const chunk of chunks) {
    let text = decoder.decode(chunk, { stream: true })
    if (skipping) {
      const next = text.indexOf('\n')
      if (next < 0) continue
      text = text.slice(next)
      skipping = false
    }
    const end = text.lastIndexOf('\n') + 1
    if (end > 0) yield begun + text.slice(0, end)
    begun = end > 0 ? text.slice(end) : begun + text
    if (begun.length > longestLine) {
      begun = `${begun.slice(0, longestLine)}…`
      skipping = true
    }
  }
  begun += decoder.decode()
  if (begun !== '') yield begun
}
