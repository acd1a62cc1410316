import { createHash } from 'node:crypto'
import { z } from 'zod'
import { BackupManifest } from '../../domain/data/backup.ts'
import { bytesOf, changedAtOf, type Storage, type Stored } from './storage.ts'

const LONGEST_NOTE = 8 * 1024 * 1024

/** What reading a backup whole has come to. */
const Finding = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('verified'), manifest: BackupManifest }),
  z.object({
    kind: z.literal('damaged'),
    because: z.string().max(1_000),
    /** Of the artefact in which it was found: another one may be whole. */
    bytes: z.int().min(0),
    changedAt: z.iso.datetime(),
  }),
])
export type Finding = z.infer<typeof Finding>

/** With a sum of its own, so that a note that somebody has edited counts for nothing. */
const Note = z.object({ sha256: z.string(), finding: z.unknown() })

/** What is known of a backup as it stands there now; `null`: nothing, or it has changed since. */
export async function findingOf(storage: Storage, stored: Stored): Promise<Finding | null> {
  const finding = await lastFinding(storage, stored.name)
  if (!finding) return null
  const { bytes, changedAt } = finding.kind === 'verified' ? finding.manifest.artefact : finding
  return bytes === bytesOf(stored) && changedAt === changedAtOf(stored) ? finding : null
}

/** What was found last, in whatever stood there then. */
export async function lastFinding(storage: Storage, name: string): Promise<Finding | null> {
  const text = await storage.readNote(name, LONGEST_NOTE)
  if (text === null) return null
  const note = parsed(text)
  if (!note || note.sha256 !== sumOf(note.finding)) return null
  const finding = Finding.safeParse(note.finding)
  if (!finding.success) return null
  return finding.data.kind === 'verified' && finding.data.manifest.id !== name ? null : finding.data
}

export async function keepFinding(storage: Storage, name: string, finding: Finding): Promise<void> {
  // Parsed, so that what is summed is what will be read.
  const kept = Finding.parse(finding)
  const note = { sha256: sumOf(kept), finding: kept }
  await storage.writeNote(name, `${JSON.stringify(note, null, 2)}\n`)
}

/** What was read of it whole is known still, and with it what it was made for. */
export async function keepUnusable(
  storage: Storage,
  stored: Stored,
  { because, bytes, changedAt }: Omit<Extract<Finding, { kind: 'damaged' }>, 'kind'>,
): Promise<void> {
  if (bytes !== bytesOf(stored) || changedAt !== changedAtOf(stored)) return
  const known = await findingOf(storage, stored)
  const finding: Finding =
    known?.kind === 'verified'
      ? { ...known, manifest: { ...known.manifest, unusable: because } }
      : { kind: 'damaged', because, bytes, changedAt }
  await keepFinding(storage, stored.name, finding)
}

function parsed(text: string) {
  try {
    return Note.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

function sumOf(finding: unknown): string {
  return createHash('sha256').update(JSON.stringify(finding)).digest('hex')
}
