import { Fault } from '../../../domain/base/fault.ts'
import type { DockerHost } from '../client/client.ts'
import { containerLog, unreadable } from '../evidence/container-log.ts'
import { redactedText } from '../evidence/redacted-text.ts'
import type { Inspected } from '../read/schema.ts'
import { shortLine } from '../read/short-line.ts'

const LINES = 5
const MOST_BYTES = 256 * 1024
const DEADLINE_MS = 10_000

/**
 * The last that it has written, on one short line without secrets; `null`: nothing, or nobody knows. `handed`: values
 * that it was handed, which are hidden whatever they look like.
 */
export async function lastWords(
  host: DockerHost,
  seen: Inspected,
  handed: readonly string[],
  signal: AbortSignal,
): Promise<string | null> {
  if (unreadable(seen) !== null) return null
  const wanted = { tail: LINES, mostBytes: MOST_BYTES, signal, deadlineMs: DEADLINE_MS }
  let text = ''
  try {
    await using log = await containerLog(host, seen, wanted)
    const parts = hidden(log.lines, handed)
    for await (const part of redactedText(parts, log.isCut)) text += part
  } catch (error) {
    // How it ended is known all the same.
    if (!(error instanceof Fault)) throw error
  }
  const last = text.split('\n').findLast((line) => line.trim() !== '')
  return last === undefined ? null : shortLine(last)
}

async function* hidden(
  parts: AsyncIterable<string>,
  handed: readonly string[],
): AsyncIterable<string> {
  const secrets = handed.filter((value) => value.length >= 4)
  for await (const part of parts) {
    yield secrets.reduce((text, secret) => text.replaceAll(secret, '[hidden]'), part)
  }
}
