import type { Backups } from '../../ports/backups.ts'
import type { Report } from '../../ports/collections.ts'
import { readKeptName } from '../../domain/data/kept-name.ts'
import type { Copying } from './backups.ts'
import { killed } from './copy-tools.ts'
import { manifestOf, type BackedUp, type SimulatedBackup } from './catalogue.ts'
import { bytesOf } from './documents.ts'

type Make = Backups['make']
type Made = Awaited<ReturnType<Make>>

const refused = (because: string): Made => ({ kind: 'refused', because })

/** A copy of the whole database. What was cut off never comes into the catalogue. */
export async function made(
  { stage, server, catalogue, tools, piece, hang }: Copying,
  wanted: Parameters<Make>[0],
  report: Report,
  signal: AbortSignal,
): Promise<Made> {
  const { id, purpose, incident } = wanted
  const before = await piece(signal, () => catalogue.find(id))
  if (before) {
    const isSame = before.purpose === purpose && before.incident === incident
    return isSame
      ? { kind: 'made', manifest: manifestOf(before, before.verifiedAtMs ?? stage.now()) }
      : refused(`another backup is called ${id}`)
  }
  tools.mustBeUsable('mongodump')
  const [trouble, begun] = [tools.takeTrouble(), server.log.serial()]
  if (trouble === 'hangs') return hang(signal)
  const names = server
    .all()
    .flatMap(({ name, kind }) => (kind === 'view' || readKeptName(name) ? [] : [name]))
  const total = names.reduce((sum, name) => sum + sizeNow(server.find(name)), 0)
  const copied: BackedUp[] = []
  let done = 0
  for (const name of names) {
    const copy = await piece(signal, () => {
      const { documents, indexes, options } = server.find(name) ?? nothing
      return { name, documents: new Map(documents), indexes, options }
    })
    copied.push(copy)
    done += sizeNow(copy)
    const free = catalogue.freeBytes()
    if (free !== null && done > free) return refused('no space left on the disk of the backups')
    if (trouble === 'killed') throw killed('mongodump')
    report({ done: Math.min(done, total), total, unit: 'bytes' })
  }
  if (trouble !== null) return refused('the copy misses a collection that the database has')
  if (copied.length === 0) return refused('the database holds no collections')
  const oneMoment = server.fenceIsUp() || server.log.since(begun).length === 0
  const nowMs = stage.now()
  const backup: SimulatedBackup = {
    id,
    purpose,
    incident,
    changedAtMs: nowMs,
    database: server.traits().database,
    otherDatabases: [],
    collections: copied,
    dataAt: { atMs: nowMs, exact: oneMoment },
    oneMoment: oneMoment ? 'yes' : 'no',
    node: 'mongo-0.mongo:27017',
    lagSeconds: 0,
    serverVersion: server.traits().version,
    damage: null,
    verifiedAtMs: nowMs,
  }
  return piece(signal, () => {
    catalogue.put(backup)
    return { kind: 'made', manifest: manifestOf(backup, nowMs) } as const
  })
}

/** Somebody has dropped it meanwhile. */
const nothing = { documents: [], indexes: [], options: {} } as const

function sizeNow(of: Pick<BackedUp, 'documents'> | undefined): number {
  return of ? bytesOf(of.documents.values()) : 0
}
