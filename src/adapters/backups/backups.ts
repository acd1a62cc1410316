import { Fault } from '../../domain/base/fault.ts'
import type { Backup } from '../../domain/data/backup.ts'
import type { Backups } from '../../ports/backups.ts'
import { stoppedFault } from './faults.ts'
import { makeBackup } from './make.ts'
import { findingOf, keepUnusable, lastFinding, type Finding } from './note.ts'
import type { Beginning, DumpedName } from './origin.ts'
import { restoreStored } from './restore.ts'
import { bytesOf, changedAtOf, type Storage, type Stored } from './storage.ts'
import { findTool } from './tools.ts'
import { notThere, verifyStored } from './verify.ts'

export type BackupsOptions = {
  readonly storage: Storage
  /** Folders in which the tools are looked for, in this order. */
  readonly tools: readonly string[]
  /** Of the account that copies; never shown to anybody. */
  readonly uri: string
  /** PEM text; `null`: the authorities of the system. */
  readonly ca: string | null
  readonly database: string
  readonly now: () => number
  /** What the database holds, views left out. */
  readonly inventory: (signal: AbortSignal) => Promise<readonly DumpedName[]>
  readonly beginning: (signal: AbortSignal) => Promise<Beginning>
  /** What is restored in a second at most; 0: as fast as it goes. */
  readonly bytesPerSecond: number
  /** A tool that takes and gives nothing for so long is ended. */
  readonly patienceMs: number
}

export const PATIENCE_MS = 120_000

/** Backups of one database of MongoDB, copied by its own tools. */
export function mongodbBackups(options: BackupsOptions): Backups {
  const { storage } = options
  const found = async (id: string, signal: AbortSignal): Promise<Stored> => {
    const stored = await storage.find(id, signal)
    if (!stored) throw notThere(id)
    return stored
  }
  return {
    list: (signal) =>
      stoppable(signal, async () => {
        const stored = await storage.list(signal)
        const backups: Backup[] = []
        for (const one of stored) backups.push(await backupOf(storage, one))
        return backups.toSorted(newestFirst)
      }),
    verify: (id, report, signal) =>
      stoppable(signal, async () => {
        const asked = { report, signal }
        const finding = await verifyStored(options, await found(id, signal), asked)
        if (finding.kind === 'verified') return finding
        return { kind: 'damaged', because: finding.because }
      }),
    make: (wanted, report, signal) =>
      stoppable(signal, () => makeBackup(options, wanted, { report, signal })),
    restore: (wanted, report, signal) =>
      stoppable(signal, async () => {
        const stored = await storage.find(wanted.id, signal)
        if (!stored) return { kind: 'refused', because: 'it is not in the catalogue any more' }
        return restoreStored({ options, stored, wanted, report, signal })
      }),
    markUnusable: (backup, because, signal) =>
      stoppable(signal, async () => {
        const stored = await storage.find(backup.id, signal)
        if (stored) await keepUnusable(storage, stored, { ...backup, because })
      }),
    remove: (backup, signal) => stoppable(signal, () => removed(storage, backup, signal)),
    freeBytes: () => storage.freeBytes(),
    tools: async () => {
      const tools = await Promise.all([
        findTool('mongodump', options.tools),
        findTool('mongorestore', options.tools),
      ])
      return tools.map(({ name, version, problem }) => ({ name, version, problem }))
    },
  }
}

async function stoppable<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    signal.throwIfAborted()
    return await work()
  } catch (error) {
    throw signal.aborted && !(error instanceof Fault) ? stoppedFault(signal) : error
  }
}

async function backupOf(storage: Storage, stored: Stored): Promise<Backup> {
  const finding = stored.problem === null ? await findingOf(storage, stored) : null
  return {
    id: stored.name,
    kind: stored.kind,
    bytes: bytesOf(stored),
    changedAt: changedAtOf(stored),
    manifest: finding?.kind === 'verified' ? finding.manifest : null,
    problem: stored.problem ?? problemIn(finding),
  }
}

function problemIn(finding: Finding | null): string | null {
  if (finding?.kind === 'damaged') return finding.because
  return finding?.manifest.unusable ?? null
}

/** By what their data shows, and by name where that is the same. */
function newestFirst(a: Backup, b: Backup): number {
  const [atA, atB] = [a, b].map(({ manifest, changedAt }) => manifest?.dataAt.at ?? changedAt)
  if (atA !== atB) return (atA ?? '') > (atB ?? '') ? -1 : 1
  return a.id > b.id ? -1 : 1
}

type Removed = Awaited<ReturnType<Backups['remove']>>

async function removed(
  storage: Storage,
  { id, sha256 }: { readonly id: string; readonly sha256: string },
  signal: AbortSignal,
): Promise<Removed> {
  const last = await lastFinding(storage, id)
  const made = last?.kind === 'verified' && last.manifest.purpose !== 'found' ? last.manifest : null
  const stored = await storage.find(id, signal)
  if (!stored && !last) return refused('it is not there any more')
  if (!made) return refused('it was not made by Backout')
  if (made.artefact.sha256 !== sha256) return refused('it is another one than was signed')
  if (stored) {
    const now = await findingOf(storage, stored)
    if (stored.problem !== null || now?.kind !== 'verified') {
      return refused('it has changed since Backout made it')
    }
    await storage.remove(id)
  }
  // Last: a note without a backup beside it is shown to nobody.
  await storage.removeNote(id)
  return { kind: 'done' }
}

function refused(because: string): Removed {
  return { kind: 'refused', because }
}
