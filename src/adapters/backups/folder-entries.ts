import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../domain/base/network-trouble.ts'
import { quoted } from './quoted.ts'
import type { Stored, StoredFile } from './storage.ts'

export const NOTE_ENDING = '.backout.json'
export const PARTIAL_ENDING = '.partial'

/** How archives are called; any other file is somebody's own, unless a note of ours stands beside it. */
const ARCHIVE = /\.(archive|gz|agz|dump)$/i
const LONGEST_NAME = 150
/** Of a directory: more collections than any database that Backout rolls back. */
const MOST_FILES = 20_000
const DEEPEST = 3

/** Letters and what stands between them: no path, nothing hidden, nothing that a terminal would obey. */
export function isName(name: string): boolean {
  return (
    name !== '' &&
    name.length <= LONGEST_NAME &&
    !/^\.|[/\\]|\p{C}/u.test(name) &&
    !name.endsWith(NOTE_ENDING) &&
    !name.endsWith(PARTIAL_ENDING)
  )
}

/** `null`: it is nothing that could be a backup. */
export async function entryOf(
  folder: string,
  name: string,
  { hasNote }: { readonly hasNote: boolean },
): Promise<Stored | null> {
  const hidden = name.startsWith('.') || name.endsWith(PARTIAL_ENDING)
  if (hidden || name.endsWith(NOTE_ENDING)) return null
  const path = join(folder, name)
  const found = await unlessGone(lstat(path))
  if (!found) return null
  const of = (kind: Stored['kind'], files: readonly StoredFile[], problem: string | null) => {
    return isName(name)
      ? { name, kind, files, problem }
      : { name: quoted(name), kind, files, problem: 'its name is too long, or not text' }
  }
  const file = { path: '', bytes: found.size, changedAt: found.mtime.toISOString() }
  if (found.isSymbolicLink()) {
    const problem = 'it is a link: where it leads to may be another backup tomorrow'
    return of('archive', [{ ...file, bytes: 0 }], problem)
  }
  if (found.isDirectory()) {
    const { files, problem } = await filesIn(path)
    return of('directory', files, problem)
  }
  if (!hasNote && !ARCHIVE.test(name)) return null
  if (!found.isFile()) return of('archive', [{ ...file, bytes: 0 }], 'it is not a file')
  return of('archive', [file], found.size === 0 ? 'it is empty: 0 bytes' : null)
}

type Files = { readonly files: readonly StoredFile[]; readonly problem: string | null }

async function filesIn(folder: string): Promise<Files> {
  const files: StoredFile[] = []
  const problems: string[] = []

  async function walk(under: string, depth: number): Promise<void> {
    const entries = await unlessGone(readdir(join(folder, under), { withFileTypes: true }))
    for (const entry of entries ?? []) {
      const path = under === '' ? entry.name : `${under}/${entry.name}`
      if (entry.isDirectory()) {
        if (depth < DEEPEST) await walk(path, depth + 1)
        else problems.push('it has folders within folders, which mongodump never writes')
      } else if (!entry.isFile()) {
        problems.push(`${quoted(path)} in it is a link, or no file`)
      } else if (files.length >= MOST_FILES) {
        problems.push('it holds more files than Backout reads')
        return
      } else {
        const found = await unlessGone(lstat(join(folder, path)))
        if (found) files.push({ path, bytes: found.size, changedAt: found.mtime.toISOString() })
      }
    }
  }

  await walk('', 1)
  const inOrder = files.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const isDump = files.some(({ path }) => /\.bson(\.gz)?$/.test(path))
  if (files.length === 0) problems.unshift('it is an empty folder')
  else if (!isDump) problems.unshift('there is no dump in it')
  return { files: inOrder, problem: problems[0] ?? null }
}

async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw error
  }
}
