import { createHash } from 'node:crypto'
import type { BackupManifest } from '../../domain/data/backup.ts'
import { archiveOfDirectory } from './dump-directory.ts'
import { Damage } from './damage.ts'
import { gunzipped, isGzip } from './gzip.ts'
import { bytesOf, changedAtOf, type Storage, type Stored } from './storage.ts'

/** A backup as bytes of an archive, whatever it is kept as; and what those were that were really read. */
export type Artefact = {
  archive(): AsyncIterable<Buffer>
  /** Of its files so far, as they are kept. */
  readBytes(): number
  /** After the end of the archive: reads what is left. `Damage`: it is not what it was when it began. */
  facts(): Promise<BackupManifest['artefact']>
}

export type ReadFile = (path: string) => AsyncIterable<Buffer>

export function openArtefact(storage: Storage, stored: Stored, signal: AbortSignal): Artefact {
  const sums = new Map<string, string>()
  let bytes = 0
  let gzip = false

  /** Every byte is hashed as it goes by. */
  async function* read(path: string): AsyncGenerator<Buffer> {
    const hash = createHash('sha256')
    let first = true
    for await (const piece of storage.read(stored.name, path, signal)) {
      if (first && isGzip(piece)) gzip = true
      first = false
      hash.update(piece)
      bytes += piece.length
      yield piece
    }
    sums.set(path, hash.digest('hex'))
  }

  return {
    archive: () =>
      stored.kind === 'directory'
        ? archiveOfDirectory(stored.files, (path) => plain(read(path)))
        : plain(read('')),
    readBytes: () => bytes,
    async facts() {
      for (const { path } of stored.files) {
        if (!sums.has(path)) await drained(read(path))
      }
      const now = await storage.find(stored.name, signal)
      const expected = bytesOf(stored)
      if (!now || bytes !== expected || changed(stored, now)) {
        throw new Damage('it changed while it was read')
      }
      const sha256 = stored.kind === 'directory' ? sumOf(sums) : (sums.get('') ?? '')
      return { kind: stored.kind, gzip, bytes, sha256, changedAt: changedAtOf(stored) }
    },
  }
}

function changed(before: Stored, after: Stored): boolean {
  return bytesOf(before) !== bytesOf(after) || changedAtOf(before) !== changedAtOf(after)
}

/** Over the names and hashes of its files, in order of names. */
function sumOf(sums: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256')
  for (const [path, sum] of [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    hash.update(`${path}\0${sum}\n`)
  }
  return hash.digest('hex')
}

/** As it is, or what was compressed: its first bytes say which. */
async function* plain(pieces: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    const first = await pieces.next()
    if (first.done) return
    const whole = joined(first.value, pieces)
    yield* isGzip(first.value) ? gunzipped(whole) : whole
  } finally {
    // Whoever stops early may not have come to the rest of it.
    await pieces.return(undefined)
  }
}

async function* joined(first: Buffer, rest: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first
  yield* rest
}

async function drained(pieces: AsyncIterable<Buffer>): Promise<void> {
  const all = pieces[Symbol.asyncIterator]()
  while (!(await all.next()).done);
}
