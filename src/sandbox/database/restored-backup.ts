import { Fault } from '../../domain/base/fault.ts'
import type { Backups } from '../../ports/backups.ts'
import type { Report } from '../../ports/collections.ts'
import type { Copying } from './backups.ts'
import { contentsIn, manifestOf, problemOf, sizeOf, type SimulatedBackup } from './catalogue.ts'
import type { ToolTrouble } from './copy-tools.ts'
import { bytesOf } from './documents.ts'
import type { Document } from './documents.ts'

type Restore = Backups['restore']
type Wanted = Parameters<Restore>[0]
type Restored = Awaited<ReturnType<Restore>>

const PIECE = 100

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
  const because = notBegun(copying, wanted, backup)
  if (!backup || because !== null) return refused(because ?? 'it is not there any more')
  const trouble = tools.takeTrouble()
  const sent = pieces(backup, wanted)
  const total = sizeOf(backup)
  // What is damaged comes to light on the way, and so does what happens to the program.
  const endsAt = backup.damage || trouble === 'killed' ? Math.floor(sent.length / 2) : Infinity
  if (trouble === 'nothing-done') return refused('mongorestore restored 0 documents')
  if (trouble === 'hangs') return hang(signal)
  for (const [at, { as, options, documents }] of sent.entries()) {
    if (at >= endsAt) return refused(problemOf(backup) ?? 'mongorestore was ended by SIGKILL')
    const stopped = await piece(signal, () => {
      if (!server.mayWrite('us')) return 'writes are blocked'
      const free = server.freeBytes()
      if (free !== null && bytesOf(documents) > free) return 'no space left on the disk of MongoDB'
      server.copyIn({ name: as, options }, failing(trouble, at) ? documents.slice(3) : documents)
      return null
    }).catch((error: unknown) => {
      throw at === 0 ? error : cutOff(error)
    })
    if (stopped !== null) return refused(stopped)
    report({ done: Math.round((total * (at + 1)) / sent.length), total, unit: 'bytes' })
  }
  if (trouble === 'some-failed') return refused('mongorestore failed to restore 3 documents')
  const collections = backup.collections.filter((one) =>
    wanted.collections.some(({ name }) => name === one.name),
  )
  return { kind: 'restored', collections: collections.map(contentsIn) }
}

const failing = (trouble: ToolTrouble | null, at: number): boolean =>
  trouble === 'some-failed' && at === 0

function notBegun(
  { server, tools }: Copying,
  { sha256, bytes, collections }: Wanted,
  backup: SimulatedBackup | undefined,
): string | null {
  const problem = tools.problem()
  if (problem !== null) return `mongorestore: ${problem}`
  if (!backup) return 'it is not there any more'
  if (backup.damage === 'empty' || backup.damage === 'link') return problemOf(backup)
  const differs = sha256 !== null && manifestOf(backup, 0).artefact.sha256 !== sha256
  if (differs || sizeOf(backup) !== bytes) return 'its bytes are not those that were signed'
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

/** Some of it was copied, and is there. */
function cutOff(error: unknown): unknown {
  if (!(error instanceof Fault)) return error
  const { dependency, detail, code } = error
  return new Fault({ kind: 'unknown-outcome', dependency, detail, code, cause: error })
}
