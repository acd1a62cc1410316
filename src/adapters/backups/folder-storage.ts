import { constants } from 'node:fs'
import { lstat, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { codeOf } from '../../domain/base/network-trouble.ts'
import { storageFault } from './faults.ts'
import { entryOf, isName, NOTE_ENDING, PARTIAL_ENDING } from './folder-entries.ts'
import type { Storage, Stored } from './storage.ts'

const PIECE = 256 * 1024
const MOST_ENTRIES = 10_000
/** Whoever is writing it writes all the time. */
const ABANDONED_AFTER_MS = 10 * 60_000

/** A folder, or what is mounted there. Links are never followed. */
export function folderStorage(options: {
  readonly folder: string
  readonly now: () => number
}): Storage {
  const { folder } = options
  const at = (name: string, path = ''): string => {
    if (!isName(name)) throw storageFault(null)
    return join(folder, name, path)
  }

  return {
    list: (signal) =>
      told(async () => {
        const names = await readdir(folder)
        const notes = new Set(names.filter((name) => name.endsWith(NOTE_ENDING)))
        const found: Stored[] = []
        for (const name of names.slice(0, MOST_ENTRIES)) {
          signal.throwIfAborted()
          const entry = await entryOf(folder, name, { hasNote: notes.has(name + NOTE_ENDING) })
          if (entry) found.push(entry)
        }
        return found
      }),
    find: (name) =>
      told(async () => (isName(name) ? entryOf(folder, name, { hasNote: true }) : null)),
    read: (name, path, signal) => piecesOf(() => at(name, path), signal),
    write: (name, bytes, signal) =>
      told(async () => {
        await removeAbandoned(folder, options.now())
        const partial = `${at(name)}.${randomBytes(4).toString('hex')}${PARTIAL_ENDING}`
        try {
          await writeDurably(partial, bytes, signal)
          await nothingAt(at(name))
          await rename(partial, at(name))
        } catch (error) {
          await rm(partial, { force: true }).catch(() => undefined)
          throw error
        }
        await flushFolder(folder)
        const { size, mtime } = await lstat(at(name))
        return { path: '', bytes: size, changedAt: mtime.toISOString() }
      }),
    remove: (name) =>
      told(async () => {
        await rm(at(name), { force: true })
        await flushFolder(folder)
      }),
    readNote: (name, maxBytes) => told(() => smallText(at(name) + NOTE_ENDING, maxBytes)),
    writeNote: (name, text) =>
      told(async () => {
        const path = at(name) + NOTE_ENDING
        const partial = `${path}.${randomBytes(4).toString('hex')}${PARTIAL_ENDING}`
        try {
          await writeDurably(partial, [Buffer.from(text)])
          await rename(partial, path)
        } catch (error) {
          await rm(partial, { force: true }).catch(() => undefined)
          throw error
        }
        await flushFolder(folder)
      }),
    removeNote: (name) => told(() => rm(at(name) + NOTE_ENDING, { force: true })),
    freeBytes: () =>
      told(async () => {
        const { bavail, bsize } = await statfs(folder)
        return bavail * bsize
      }),
  }
}

/** Errors of the disk in words; those that whoever reads or writes has thrown as they are. */
async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw codeOf(error) !== null && isOfTheDisk(error) ? storageFault(error) : error
  }
}

function isOfTheDisk(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

async function* piecesOf(path: () => string, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    await using file = await open(path(), constants.O_RDONLY | constants.O_NOFOLLOW)
    for (;;) {
      signal.throwIfAborted()
      const { bytesRead, buffer } = await file.read(Buffer.allocUnsafeSlow(PIECE), 0, PIECE)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } catch (error) {
    throw isOfTheDisk(error) ? storageFault(error) : error
  }
}

async function writeDurably(
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<void> {
  await using file = await open(path, 'wx', 0o600)
  for await (const piece of bytes) {
    signal?.throwIfAborted()
    await file.writeFile(piece)
  }
  await file.sync()
}

/** So that the new name is on the disk too, and not only what it names. */
async function flushFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r')
  await handle.sync()
}

async function nothingAt(path: string): Promise<void> {
  const found = await lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  })
  if (found) throw storageFault(Object.assign(new Error('taken'), { code: 'EEXIST' }))
}

async function smallText(path: string, maxBytes: number): Promise<string | null> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW)
    const { size } = await file.stat()
    return size > maxBytes ? null : await file.readFile('utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'EISDIR') return null
    throw error
  }
}

/** What a crash cut off. */
async function removeAbandoned(folder: string, nowMs: number): Promise<void> {
  const names = await readdir(folder)
  for (const name of names.filter((one) => /\.[0-9a-f]{8}\.partial$/.test(one))) {
    const found = await lstat(join(folder, name)).catch(() => null)
    if (found?.isFile() && nowMs - found.mtimeMs > ABANDONED_AFTER_MS) {
      await rm(join(folder, name), { force: true })
    }
  }
}
