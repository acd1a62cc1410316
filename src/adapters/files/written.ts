import { createHash } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import {
  cutLines,
  linesAsTheyAre,
  redactedLines,
  slicesOf,
  type RedactedLines,
} from '../../domain/text/redacted-lines.ts'
import type { EvidenceFile } from '../../ports/evidence.ts'
import { fileFault } from './faults.ts'
import { untilStopped, type Part } from './until-stopped.ts'

type Limits = {
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** Then it is kept as it is. */
  readonly alreadyRedacted?: true
  /** Asked before so many bytes are written; why not, or `null`. */
  readonly take: (bytes: number) => Promise<string | null>
}

/** What became of a text that was to be a new file: as much of it as text, time and disk allowed. */
export async function written(
  path: string,
  text: AsyncIterable<string>,
  { maxBytes, signal, take, alreadyRedacted }: Limits,
): Promise<Omit<EvidenceFile, 'name'>> {
  const lines = alreadyRedacted ? linesAsTheyAre() : redactedLines()
  let file: NewFile | null = null
  let skipped: string | null = null
  try {
    file = await newFile(path)
    skipped = await copy(untilStopped(text, signal), lines, file, { maxBytes, take })
  } catch (error) {
    skipped = fileFault(error).detail
  }
  try {
    await file?.close()
  } catch (error) {
    skipped ??= fileFault(error).detail
  }
  if (lines.cuts() > 0) skipped ??= cutLines
  const bytes = file?.bytes() ?? 0
  if (file && (bytes > 0 || skipped === null)) return { bytes, sha256: file.sha256(), skipped }
  if (file) await rm(path, { force: true }).catch(() => undefined)
  return { bytes: 0, sha256: null, skipped }
}

/** Why it is not all of the text, or `null`. Throws what the disk says. */
async function copy(
  text: AsyncIterable<Part>,
  lines: RedactedLines,
  file: NewFile,
  { maxBytes, take }: Pick<Limits, 'maxBytes' | 'take'>,
): Promise<string | null> {
  /** Why it is not all of what is shown, or `null`. */
  const keep = async (shown: string): Promise<string | null> => {
    const all = Buffer.from(shown)
    const room = maxBytes - file.bytes()
    const fitting = all.length <= room ? all : beginningOf(all, room)
    const refused = fitting.length === 0 ? null : await take(fitting.length)
    if (refused !== null) return refused
    await file.append(fitting)
    return all.length <= room ? null : 'it is longer than there was room for'
  }
  let failed: string | null = null
  for await (const part of text) {
    if (part.kind === 'failed') {
      failed = part.because
      continue
    }
    for (const slice of slicesOf(part.text)) {
      const refused = await keep(lines.push(slice))
      if (refused !== null) return refused
      // Looking for secrets takes the time of everybody else.
      await setImmediate()
    }
  }
  return (await keep(failed === null ? lines.end() : lines.breakOff())) ?? failed
}

/** Whole lines, if there is one; else whole characters. */
function beginningOf(bytes: Buffer, room: number): Buffer {
  const lines = bytes.subarray(0, room).lastIndexOf('\n') + 1
  if (lines > 0) return bytes.subarray(0, lines)
  let end = room
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1
  return bytes.subarray(0, end)
}

/** A new file that is only appended to, and knows the sha256 of every byte that reached it. */
type NewFile = {
  readonly bytes: () => number
  /** Throws what the disk says. What of the text was written before that counts. */
  append(text: Uint8Array): Promise<void>
  /** To the disk itself: some tell only then that they are full. */
  close(): Promise<void>
  sha256(): string
}

async function newFile(path: string): Promise<NewFile> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const handle = await open(path, 'wx', 0o600)
  const hash = createHash('sha256')
  let bytes = 0
  return {
    bytes: () => bytes,
    async append(text) {
      for (let rest = text; rest.length > 0;) {
        const { bytesWritten } = await handle.write(rest, 0, rest.length, bytes)
        hash.update(rest.subarray(0, bytesWritten))
        bytes += bytesWritten
        rest = rest.subarray(bytesWritten)
      }
    },
    async close() {
      try {
        await handle.sync()
      } finally {
        await handle.close()
      }
    },
    sha256: () => hash.digest('hex'),
  }
}
