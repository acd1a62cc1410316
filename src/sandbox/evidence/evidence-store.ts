import { Fault } from '../../domain/base/fault.ts'
import { redact } from '../../domain/text/redact.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import type { EvidenceFile, EvidenceFolder, EvidenceStore } from '../../ports/evidence.ts'

export type KeptInMemory = {
  readonly incident: string
  readonly texts: ReadonlyMap<string, string>
  readonly bytes: ReadonlyMap<string, Uint8Array>
  /** As they were listed at the end; `null`: there was none. */
  readonly files: readonly EvidenceFile[] | null
}

/** Evidence that is gone with the process: for demonstrations and tests. */
export function sandboxEvidence(): EvidenceStore & {
  readonly collections: () => readonly KeptInMemory[]
} {
  const folders: (() => KeptInMemory)[] = []
  return {
    collections: () => folders.map((look) => look()),
    async open(incident) {
      const texts = new Map<string, string>()
      const whole = new Map<string, Uint8Array>()
      const taken = { has: (name: string) => texts.has(name) || whole.has(name) }
      let files: readonly EvidenceFile[] | null = null
      folders.push(() => ({ incident, texts, bytes: whole, files }))
      return {
        place: `${incident}/${folders.length}`,
        keep: (name, text, limits) => kept(unused(name, taken), text, limits, texts),
        keepBytes: (name, bytes, options) => keptWhole(unused(name, taken), bytes, options, whole),
        givenUp: () => [],
        async finish(all) {
          files = all
        },
      }
    },
  }
}

type Limits = Parameters<EvidenceFolder['keep']>[2]

async function kept(
  name: string,
  text: AsyncIterable<string>,
  { maxBytes, signal, alreadyRedacted }: Limits,
  texts: Map<string, string>,
): Promise<EvidenceFile> {
  texts.set(name, '')
  const { read, skipped: failed } = await beginningOf(text, maxBytes, signal)
  const all = new TextEncoder().encode(alreadyRedacted ? read : redact(read))
  // What was half a character at the end is left out.
  const beginning = new TextDecoder().decode(all.subarray(0, maxBytes), { stream: true })
  const skipped = failed ?? (all.length > maxBytes ? 'it is longer than there was room for' : null)
  if (beginning === '' && skipped !== null) {
    texts.delete(name)
    return { name, bytes: 0, sha256: null, skipped }
  }
  texts.set(name, beginning)
  const bytes = new TextEncoder().encode(beginning)
  return { name, bytes: bytes.length, sha256: await sha256Of(bytes), skipped }
}

async function keptWhole(
  name: string,
  given: Uint8Array,
  { kind, maxBytes, signal }: Parameters<EvidenceFolder['keepBytes']>[2],
  whole: Map<string, Uint8Array>,
): Promise<EvidenceFile> {
  const late = signal.aborted ? wordsFor(signal.reason, signal) : null
  const skipped = given.length > maxBytes ? 'it is longer than there was room for' : late
  if (skipped !== null) return { name, bytes: 0, sha256: null, skipped, kind }
  const bytes = new Uint8Array(given)
  whole.set(name, bytes)
  return { name, bytes: bytes.length, sha256: await sha256Of(bytes), skipped, kind }
}

/** A little more than fits, so that it is seen whether there is more. */
async function beginningOf(
  text: AsyncIterable<string>,
  maxBytes: number,
  signal: AbortSignal,
): Promise<{ readonly read: string; readonly skipped: string | null }> {
  const parts = text[Symbol.asyncIterator]()
  let read = ''
  try {
    while (read.length <= 2 * maxBytes) {
      const next = await untilAborted(parts.next(), signal)
      if (next.done) return { read, skipped: null }
      read += next.value
    }
    return { read, skipped: 'it is longer than there was room for' }
  } catch (error) {
    const lines = read.slice(0, read.lastIndexOf('\n') + 1)
    return { read: lines, skipped: wordsFor(error, signal) }
  } finally {
    parts.return?.().catch(() => undefined)
  }
}

function wordsFor(error: unknown, signal: AbortSignal): string {
  if (!signal.aborted) return error instanceof Fault ? error.detail : 'its source failed'
  const late = signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
  return late ? 'the time for it was over' : 'it was stopped'
}

async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function unused(given: string, taken: { has(name: string): boolean }): string {
  let name = given
  for (let number = 2; taken.has(name); number += 1) name = `${given}-${number}`
  return name
}
