import { Fault } from '../../domain/base/fault.ts'
import type { BackupManifest } from '../../domain/data/backup.ts'
import type { Report } from '../../ports/collections.ts'
import type { BackupsOptions } from './backups.ts'
import { contentsReader, type ArchiveContents } from './contents-reader.ts'
import { createHash, type Hash } from 'node:crypto'
import { Damage } from './damage.ts'
import { isFull, stoppedFault } from './faults.ts'
import { gzipped } from './gzip.ts'
import { findingOf, keepFinding } from './note.ts'
import type { Beginning, DumpedName } from './origin.ts'
import { withPatience } from './patience.ts'
import { quoted } from './quoted.ts'
import { withoutDatabase } from './tool-address.ts'
import { withTool } from './tool-run.ts'
import { toolTrouble } from './tool-words.ts'
import { usableTool } from './tools.ts'
import { manifestOf, verifyStored, type Origin } from './verify.ts'

export type WantedBackup = {
  readonly id: string
  readonly purpose: 'safety' | 'asked'
  readonly incident: string | null
}

type Made =
  | { readonly kind: 'made'; readonly manifest: BackupManifest }
  | { readonly kind: 'refused'; readonly because: string }

const TOOL = 'mongodump'
/** What Backout itself keeps there is no part of the team's data. */
const OURS = '__rb_'

/** Written while it is proved; what was not proved to its end gets no name. */
export async function makeBackup(
  options: BackupsOptions,
  wanted: WantedBackup,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<Made> {
  try {
    const earlier = await madeEarlier(options, wanted, { report, signal })
    if (earlier) return earlier
    const manifest = await dumped(options, wanted, { report, signal })
    await keepFinding(options.storage, wanted.id, { kind: 'verified', manifest })
    return { kind: 'made', manifest }
  } catch (error) {
    if (signal.aborted) throw stoppedFault(signal)
    if (error instanceof Damage) return { kind: 'refused', because: error.because }
    if (error instanceof Fault && isFull(error)) {
      return { kind: 'refused', because: `${error.detail}: nothing was kept of it` }
    }
    throw error
  }
}

/** An attempt that was cut off after the backup had its name; `null`: there is none. */
async function madeEarlier(
  options: BackupsOptions,
  wanted: WantedBackup,
  asked: { readonly report: Report; readonly signal: AbortSignal },
): Promise<Made | null> {
  const stored = await options.storage.find(wanted.id, asked.signal)
  if (!stored) return null
  const known = await findingOf(options.storage, stored)
  const origin = (at: string): Origin => ({
    purpose: wanted.purpose,
    incident: wanted.incident,
    dataAt: { at, exact: false },
    oneMoment: 'not-known',
    node: null,
    lagSeconds: null,
  })
  const at = stored.files[0]?.changedAt ?? new Date(options.now()).toISOString()
  const finding = known ?? (await verifyStored(options, stored, { ...asked, origin: origin(at) }))
  if (finding.kind === 'damaged') return { kind: 'refused', because: finding.because }
  const { manifest } = finding
  return manifest.purpose === wanted.purpose && manifest.incident === wanted.incident
    ? { kind: 'made', manifest }
    : { kind: 'refused', because: `another backup is called ${quoted(wanted.id)}` }
}

async function dumped(
  options: BackupsOptions,
  wanted: WantedBackup,
  { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
): Promise<BackupManifest> {
  const path = await usableTool(TOOL, options.tools)
  const [listed, beginning] = await Promise.all([
    options.inventory(signal),
    options.beginning(signal),
  ])
  const before = listed.filter(({ name }) => !/^(__rb_|system\.)/.test(name))
  const reader = contentsReader(options.database)
  const kept = createHash('sha256')
  const expectedBytes = before.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0)
  const start = {
    path,
    args: ['--archive', `--db=${options.database}`, `--excludeCollectionsWithPrefix=${OURS}`],
    uri: withoutDatabase(options.uri),
    ca: options.ca,
  }
  const file = await withTool(start, (run) => {
    run.input.end()
    const archive = proved(run.output[Symbol.asyncIterator]())

    async function* proved(pieces: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
      const patience = { tool: TOOL, patienceMs: options.patienceMs, signal }
      let done = 0
      for (;;) {
        const next = await withPatience(pieces.next(), patience)
        if (next.done) break
        reader.push(next.value)
        done += next.value.length
        report({ done, total: Math.max(done, expectedBytes), unit: 'bytes' })
        yield next.value
      }
      const { code } = await withPatience(run.ended, patience)
      if (code !== 0) throw failed(code, run.words())
      reader.end()
      report({ done, total: done, unit: 'bytes' })
      const after = await options.inventory(signal)
      holdAgainst(reader.contents(), before, after)
    }

    return options.storage.write(wanted.id, hashed(gzipped(archive), kept), signal)
  })
  const origin = await originOf(options, wanted, { beginning, signal })
  return manifestOf({
    id: wanted.id,
    database: options.database,
    contents: reader.contents(),
    artefact: {
      kind: 'archive',
      gzip: true,
      bytes: file.bytes,
      sha256: kept.digest('hex'),
      changedAt: file.changedAt,
    },
    origin,
    verifiedAt: new Date(options.now()).toISOString(),
  })
}

async function* hashed(pieces: AsyncIterable<Buffer>, hash: Hash): AsyncGenerator<Buffer> {
  for await (const piece of pieces) {
    hash.update(piece)
    yield piece
  }
}

function failed(code: number | null, words: string): Error {
  const trouble = toolTrouble(TOOL, code, words)
  return trouble.kind === 'fault' ? trouble.fault : new Damage(trouble.because)
}

/** A tool that was told a wrong name ends well, and copies nothing. */
function holdAgainst(
  { collections }: ArchiveContents,
  before: readonly DumpedName[],
  after: readonly DumpedName[],
): void {
  const inIt = new Set(collections.map(({ name }) => name))
  const stayed = before.filter(({ name }) => after.some((one) => one.name === name))
  const missing = stayed.filter(({ name }) => !inIt.has(name))
  const [first] = missing
  if (first) {
    const others = missing.length > 1 ? ` and ${missing.length - 1} more` : ''
    throw new Damage(`the copy misses ${quoted(first.name)}${others}, which the database has`)
  }
  if (collections.length === 0) throw new Damage('the database holds no collections')
}

async function originOf(
  options: BackupsOptions,
  { purpose, incident }: WantedBackup,
  { beginning, signal }: { readonly beginning: Beginning; readonly signal: AbortSignal },
): Promise<Origin> {
  const end = await beginning.end(signal)
  const at = end.at ?? new Date(options.now()).toISOString()
  const { node, lagSeconds } = beginning
  return {
    purpose,
    incident,
    // Nothing was written from its beginning to its end: it is the state at each of those moments.
    dataAt: { at, exact: end.oneMoment === 'yes' && lagSeconds === 0 },
    oneMoment: end.oneMoment,
    node,
    lagSeconds,
  }
}
