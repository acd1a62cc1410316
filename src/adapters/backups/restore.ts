import type { CollectionContents } from '../../domain/data/backup.ts'
import type { Report } from '../../ports/collections.ts'
import { namespaceOf } from './archive-format.ts'
import { openArtefact, type Artefact } from './artefact.ts'
import type { BackupsOptions } from './backups.ts'
import { contentsReader, type ContentsReader } from './contents-reader.ts'
import { Damage } from './damage.ts'
import { stoppedFault } from './faults.ts'
import { feedOf, type Feed } from './feed.ts'
import { quoted } from './quoted.ts'
import { bytesOf, changedAtOf, type Stored } from './storage.ts'
import { withoutDatabase } from './tool-address.ts'
import { withTool, type ToolRun } from './tool-run.ts'
import { restoredCounts, toolTrouble } from './tool-words.ts'
import { usableTool } from './tools.ts'
import { rememberOf } from './verify.ts'
import { wantedOnly, type WantedOnly } from './wanted-only.ts'

export type WantedRestore = {
  readonly sha256: string | null
  readonly bytes: number
  readonly collections: readonly { readonly name: string; readonly as: string }[]
}

type Restored =
  | { readonly kind: 'restored'; readonly collections: readonly CollectionContents[] }
  | { readonly kind: 'refused'; readonly because: string }

type Restoring = {
  readonly options: BackupsOptions
  readonly stored: Stored
  readonly wanted: WantedRestore
  readonly report: Report
  readonly signal: AbortSignal
}

const TOOL = 'mongorestore'
const WORKERS = 4

/** The archive goes through here into the tool, and its last bytes only once all of it was proved. */
export async function restoreStored(restoring: Restoring): Promise<Restored> {
  const { options, stored, wanted, signal } = restoring
  const path = await usableTool(TOOL, options.tools)
  const namespaces = new Set(
    wanted.collections.map(({ name }) => namespaceOf({ db: options.database, collection: name })),
  )
  const only = wantedOnly(namespaces)
  const reader = contentsReader(options.database, only)
  const artefact = openArtefact(options.storage, stored, signal)
  const start = {
    path,
    args: argumentsOf(options.database, wanted),
    uri: withoutDatabase(options.uri),
    ca: options.ca,
  }
  try {
    if (stored.problem !== null) throw new Damage(stored.problem)
    if (bytesOf(stored) !== wanted.bytes) throw new Damage('its size is not what was signed')
    return await withTool(start, async (run) => {
      const bytesPerSecond = options.bytesPerSecond
      const feed = feedOf(run, {
        tool: TOOL,
        patienceMs: options.patienceMs,
        bytesPerSecond,
        signal,
      })
      const goesOn = await pipe(restoring, { artefact, reader, only, feed })
      return judged(run, { feed, goesOn, contents: goesOn ? contentsOf(reader, wanted) : [] })
    })
  } catch (error) {
    if (signal.aborted) throw stoppedFault(signal)
    if (error instanceof Damage) return { kind: 'refused', because: error.because }
    throw error
  }
}

/** Everything is a value of an option of its own: a name can be called as it likes. */
function argumentsOf(database: string, { collections }: WantedRestore): readonly string[] {
  const pattern = (name: string) => `${database}.${name}`.replaceAll(/[\\*]/g, String.raw`\$&`)
  return [
    '--archive',
    '--stopOnError',
    '--noIndexRestore',
    // What the backup holds was taken once; whether it still may be is judged by who switches.
    '--bypassDocumentValidation',
    `--numInsertionWorkersPerCollection=${WORKERS}`,
    ...collections.flatMap(({ name, as }) => [
      `--nsInclude=${pattern(name)}`,
      `--nsFrom=${pattern(name)}`,
      `--nsTo=${pattern(as)}`,
    ]),
  ]
}

type Piping = {
  readonly artefact: Artefact
  readonly reader: ContentsReader
  readonly only: WantedOnly
  readonly feed: Feed
}

/** False: the tool went away meanwhile. */
async function pipe(restoring: Restoring, piping: Piping): Promise<boolean> {
  const { wanted } = restoring
  const { artefact, reader, feed } = piping
  const held = await givenButTheLast(restoring, piping).catch(async (error: unknown) => {
    if (error instanceof Damage) await rememberDamage(restoring, error)
    throw error
  })
  if (held === null) return false
  contentsOf(reader, wanted)
  const { sha256 } = await artefact.facts()
  if (wanted.sha256 !== null && sha256 !== wanted.sha256) {
    throw new Damage('its bytes are not those that were signed')
  }
  return feed.give(held)
}

/** The last bytes, once all of it was read and is whole; `null`: the tool went away meanwhile. */
async function givenButTheLast(
  { stored, report }: Restoring,
  { artefact, reader, only, feed }: Piping,
): Promise<Uint8Array | null> {
  const total = bytesOf(stored)
  let held: Uint8Array = Buffer.alloc(0)
  for await (const piece of artefact.archive()) {
    reader.push(piece)
    const next = only.take()
    if (next.length > 0) {
      if (!(await feed.give(held))) return null
      held = next
    }
    report({ done: artefact.readBytes(), total, unit: 'bytes' })
  }
  reader.end()
  return held
}

/** Nobody is to choose it again as if it had never been read. */
async function rememberDamage(
  { options: { storage }, stored, signal }: Restoring,
  { because }: Damage,
): Promise<void> {
  const of = { bytes: bytesOf(stored), changedAt: changedAtOf(stored) }
  const finding = { kind: 'damaged', because, ...of } as const
  await rememberOf(storage, stored, { finding, signal })
}

function contentsOf(
  reader: ContentsReader,
  { collections: wanted }: WantedRestore,
): readonly CollectionContents[] {
  const { collections } = reader.contents()
  return wanted.map(({ name }) => {
    const found = collections.find((one) => one.name === name)
    if (!found) throw new Damage(`it holds no collection ${quoted(name)}`)
    if ('timeseries' in found.options) {
      throw new Damage(`${quoted(name)} is a time series, which cannot be restored beside`)
    }
    return found
  })
}

/** What it says counts, and not only how it ended: it ends well when it has restored nothing. */
async function judged(
  run: ToolRun,
  {
    feed,
    goesOn,
    contents,
  }: {
    readonly feed: Feed
    readonly goesOn: boolean
    readonly contents: readonly CollectionContents[]
  },
): Promise<Restored> {
  const { code } = await feed.end()
  const counts = restoredCounts(run.words())
  if (code !== 0) {
    const trouble = toolTrouble(TOOL, code, run.words())
    if (trouble.kind === 'fault') throw trouble.fault
    return trouble
  }
  const expected = contents.reduce((sum, { documents }) => sum + documents, 0)
  if (!counts) return refused(`${TOOL} did not say how many documents it has restored`)
  if (counts.failed > 0) {
    return refused(`${TOOL} says that ${counts.failed} documents could not be restored`)
  }
  if (!goesOn) return refused(`${TOOL} ended before it had taken all of the backup`)
  if (counts.restored !== expected) {
    return refused(`${TOOL} restored ${counts.restored} of ${expected} documents`)
  }
  return { kind: 'restored', collections: contents }
}

function refused(because: string): Restored {
  return { kind: 'refused', because }
}
