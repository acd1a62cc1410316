import type { Backups } from '../../ports/backups.ts'
import type { Report } from '../../ports/collections.ts'
import type { Copying } from './backups.ts'
import { contentsIn, manifestOf, problemOf, sizeOf, type SimulatedBackup } from './catalogue.ts'
import { killed, type ToolTrouble } from './copy-tools.ts'
import { bytesOf } from './documents.ts'
import type { Document } from './documents.ts'

type Restore = Backups['restore']
type Wanted = Parameters<Restore>[0]
type Restored = Awaited<ReturnType<Restore>>

const PIECE = 100
const otherBytes = 'its bytes are not those that were signed'

const refused = (because: string): Restored => ({ kind: 'refused', because })

/** Copies collections into the database, piece by piece. What was copied stays, however it ends. */
export async function restored(
  copying: Copying,
  wanted: Wanted,
  report: Report,
  signal: AbortSignal,
): Promise<Restored> {
  const { server, catalogue, tools, piece, hang } = copying
  const backup = await piece(signal, () => catalogue.find(wanted.id))
  tools.mustBeUsable('mongorestore')
  const because = notBegun(copying, wanted, backup)
  if (!backup || because !== null) return refused(because ?? 'it is not there any more')
  const trouble = tools.takeTrouble()
  const sent = pieces(backup, wanted)
  const total = sizeOf(backup)
  // What is damaged comes to light on the way, and so does what happens to the program.
  const isOther = wanted.sha256 !== null && manifestOf(backup, 0).artefact.sha256 !== wanted.sha256
  const isCut = backup.damage !== null || trouble === 'killed'
  const endsAt = isCut ? Math.floor(sent.length / 2) : isOther ? sent.length - 1 : Infinity
  if (trouble === 'nothing-done') return refused('mongorestore restored 0 documents')
  if (trouble === 'hangs') return hang(signal)
  for (const [at, { as, options, documents }] of sent.entries()) {
    if (at >= endsAt && trouble === 'killed') throw killed('mongorestore')
    if (at >= endsAt) return refused(problemOf(backup) ?? otherBytes)
    const stopped = await piece(signal, () => {
      if (!server.mayWrite('us')) return 'writes are blocked'
      const free = server.freeBytes()
      if (free !== null && bytesOf(documents) > free) return 'no space left on the disk of MongoDB'
      server.copyIn({ name: as, options }, failing(trouble, at) ? documents.slice(3) : documents)
      return null
    })
    if (stopped !== null) return refused(stopped)
    report({ done: Math.round((total * (at + 1)) / sent.length), total, unit: 'bytes' })
  }
  if (trouble === 'some-failed') return refused('mongorestore failed to restore 3 documents')
  const collections = wanted.collections.flatMap(({ name }) =>
    backup.collections.filter((one) => one.name === name).map(contentsIn),
  )
  return { kind: 'restored', collections }
}

const failing = (trouble: ToolTrouble | null, at: number): boolean =>
  trouble === 'some-failed' && at === 0

function notBegun(
  { server }: Copying,
  { bytes, collections }: Wanted,
  backup: SimulatedBackup | undefined,
): string | null {
  if (!backup) return 'it is not there any more'
  if (backup.damage === 'empty' || backup.damage === 'link') return problemOf(backup)
  if (sizeOf(backup) !== bytes) return otherBytes
  if (server.lacks('insert', 'createCollection', 'bypassDocumentValidation')) {
    return 'not authorized to execute command insert'
  }
  const absent = collections.find(
    ({ name }) => !backup.collections.some((one) => one.name === name),
  )
  if (absent) return `there is no collection ${absent.name} in it`
  const taken = collections.find(({ as }) => server.find(as))
  return taken ? `the name ${taken.as} is taken` : null
}

/** In the order in which they are sent; a collection without documents is a piece, too. */
function pieces(backup: SimulatedBackup, { collections: wanted }: Wanted) {
  return wanted.flatMap(({ name, as }) => {
    const found = backup.collections.find((one) => one.name === name)
    if (!found) return []
    const all = [...found.documents.values()]
    const count = Math.max(1, Math.ceil(all.length / PIECE))
    return Array.from({ length: count }, (_, index) => ({
      as,
      options: found.options,
      documents: all.slice(index * PIECE, (index + 1) * PIECE) as readonly Document[],
    }))
  })
}
