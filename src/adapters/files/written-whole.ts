import { createHash } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { EvidenceFile } from '../../ports/evidence.ts'
import { fileFault } from './faults.ts'
import { endedBy } from './until-stopped.ts'
import { writeWhole } from './whole-file.ts'

type Limits = {
  readonly maxBytes: number
  readonly signal: AbortSignal
  /** Asked before so many bytes are written; why not, or `null`. */
  readonly take: (bytes: number) => Promise<string | null>
}

/** What became of bytes of which a part is worth nothing: all of them are there, or none. */
export async function writtenWhole(
  path: string,
  bytes: Uint8Array,
  { maxBytes, signal, take }: Limits,
): Promise<Omit<EvidenceFile, 'name'>> {
  if (bytes.length > maxBytes) return none('it is longer than there was room for')
  try {
    const refused = signal.aborted ? endedBy(signal) : await take(bytes.length)
    if (refused !== null) return none(refused)
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeWhole(path, bytes)
  } catch (error) {
    return none(fileFault(error).detail)
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { bytes: bytes.length, sha256, skipped: null }
}

const none = (skipped: string) => ({ bytes: 0, sha256: null, skipped })
