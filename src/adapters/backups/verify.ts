import { Fault } from '../../domain/base/fault.ts'
import type { BackupManifest } from '../../domain/data/backup.ts'
import type { Report } from '../../ports/collections.ts'
import { openArtefact, type Artefact } from './artefact.ts'
import { contentsReader, type ArchiveContents } from './contents-reader.ts'
import { Damage } from './damage.ts'
import { keepFinding, lastFinding, type Finding } from './note.ts'
import { bytesOf, changedAtOf, type Storage, type Stored } from './storage.ts'
import { stoppedFault } from './faults.ts'

type Verifying = {
  readonly storage: Storage
  readonly database: string
  readonly now: () => number
}

/** What nothing but its bytes tells of a backup. */
export type Origin = Pick<
  BackupManifest,
  'purpose' | 'incident' | 'dataAt' | 'oneMoment' | 'node' | 'lagSeconds'
>

/** Reads all of its bytes, and keeps beside it what that came to. */
export async function verifyStored(
  { storage, database, now }: Verifying,
  stored: Stored,
  {
    report,
    signal,
    origin = null,
  }: { readonly report: Report; readonly signal: AbortSignal; readonly origin?: Origin | null },
): Promise<Finding> {
  const before = await lastFinding(storage, stored.name)
  const artefact = openArtefact(storage, stored, signal)
  const total = bytesOf(stored)
  let finding: Finding
  try {
    if (stored.problem !== null) throw new Damage(stored.problem)
    const contents = await contentsOf(artefact, database, () =>
      report({ done: artefact.readBytes(), total, unit: 'bytes' }),
    )
    const facts = await artefact.facts()
    const known = knownOrigin(before, facts.sha256)
    const manifest = manifestOf({
      id: stored.name,
      database,
      contents,
      artefact: facts,
      origin: known ?? origin ?? foundOrigin(contents, facts.changedAt),
      verifiedAt: new Date(now()).toISOString(),
    })
    finding = { kind: 'verified', manifest }
  } catch (error) {
    if (signal.aborted) throw stoppedFault(signal)
    if (!(error instanceof Damage)) throw error
    const { because } = error
    finding = { kind: 'damaged', because, bytes: total, changedAt: changedAtOf(stored) }
  }
  await rememberOf(storage, stored, { finding, signal })
  return finding
}

/** What changed while it was read is looked at again, not remembered. */
export async function rememberOf(
  storage: Storage,
  stored: Stored,
  { finding, signal }: { readonly finding: Finding; readonly signal: AbortSignal },
): Promise<void> {
  const after = await storage.find(stored.name, signal)
  const same = after && changedAtOf(after) === changedAtOf(stored)
  if (same && bytesOf(after) === bytesOf(stored)) await keepFinding(storage, stored.name, finding)
}

async function contentsOf(
  artefact: Artefact,
  database: string,
  progress: () => void,
): Promise<ArchiveContents> {
  const reader = contentsReader(database)
  for await (const piece of artefact.archive()) {
    reader.push(piece)
    progress()
  }
  reader.end()
  const contents = reader.contents()
  refuseForeign(contents, database)
  return contents
}

/** Whole as it may be, it is none of this database. */
function refuseForeign({ collections, otherDatabases }: ArchiveContents, database: string): void {
  if (collections.length > 0) return
  const others = otherDatabases.join(', ')
  throw new Damage(
    others === ''
      ? `nothing of the database ${database} is in it`
      : `it is of another database (${others}), and nothing of ${database} is in it`,
  )
}

/** What Backout made is what it wrote, or nothing that anybody should trust. */
function knownOrigin(before: Finding | null, sha256: string): Origin | null {
  if (before?.kind !== 'verified') return null
  const { manifest } = before
  if (manifest.artefact.sha256 === sha256) return manifest
  if (manifest.purpose === 'found') return null
  throw new Damage('it is not what Backout wrote any more')
}

/** A file is not older than its data, and that is all it tells. */
function foundOrigin({ hasLog }: ArchiveContents, changedAt: string): Origin {
  return {
    purpose: 'found',
    incident: null,
    dataAt: { at: changedAt, exact: false },
    // With a log beside them, the documents alone are of many moments: Backout restores without it.
    oneMoment: hasLog ? 'no' : 'not-known',
    node: null,
    lagSeconds: null,
  }
}

export function manifestOf(made: {
  readonly id: string
  readonly database: string
  readonly contents: ArchiveContents
  readonly artefact: BackupManifest['artefact']
  readonly origin: Origin
  readonly verifiedAt: string
}): BackupManifest {
  const { contents, origin } = made
  const { header, collections, otherDatabases } = contents
  return {
    schema: 1,
    id: made.id,
    purpose: origin.purpose,
    incident: origin.incident,
    database: made.database,
    otherDatabases: [...otherDatabases],
    collections: [...collections],
    dataAt: origin.dataAt,
    oneMoment: origin.oneMoment,
    node: origin.node,
    lagSeconds: origin.lagSeconds,
    serverVersion: header.server_version || null,
    toolVersion: header.tool_version || null,
    artefact: made.artefact,
    verifiedAt: made.verifiedAt,
  }
}

export function notThere(id: string): Fault {
  const detail = `there is no backup called ${id}`
  return new Fault({ kind: 'terminal', dependency: 'backups', detail })
}
