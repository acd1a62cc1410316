import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../domain/base/network-trouble.ts'
import { manifestName, writeWhole } from './whole-file.ts'

/** What is kept of one incident, in all its collections. */
export type KeptIncident = {
  readonly incident: string
  readonly bytes: number
  /** What would be removed, without the lists of files. */
  readonly removable: readonly string[]
  /** The name of its first collection, which is a time. */
  readonly since: string
}

/** Every incident of which something is kept, the oldest first. */
export async function keptIncidents(folder: string): Promise<readonly KeptIncident[]> {
  const incidents = await foldersIn(folder)
  const kept = await Promise.all(incidents.map((incident) => keptOf(folder, incident)))
  return kept.toSorted((a, b) => (a.since < b.since ? -1 : 1))
}

async function keptOf(folder: string, incident: string): Promise<KeptIncident> {
  const place = join(folder, incident)
  const collections = await foldersIn(place)
  const all = await unlessGone(readdir(place, { recursive: true, withFileTypes: true }), [])
  const files = all.filter((entry) => entry.isFile())
  const sizes = await Promise.all(
    files.map(({ parentPath, name }) => unlessGone(sizeOf(join(parentPath, name)), 0)),
  )
  const lists = collections.map((collection) => join(place, collection, manifestName))
  return {
    incident,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    removable: files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => path !== join(place, noteName) && !lists.includes(path)),
    since: collections.toSorted()[0] ?? '',
  }
}

const noteName = 'given-up.json'

/**
 * Removes what is kept of an incident, and leaves a note that says so. The lists of files stay: with
 * their sums a copy that somebody took can still be proved. The note is first: whatever is cut off
 * here is said.
 */
export async function giveUp(folder: string, kept: KeptIncident, at: string): Promise<void> {
  const place = join(folder, kept.incident)
  const because =
    'The room for evidence was used up. This incident is closed, and its evidence was the oldest. ' +
    'The manifest.json of each collection says what there was.'
  const note = { incident: kept.incident, givenUpAt: at, because, bytes: kept.bytes }
  await writeWhole(join(place, noteName), `${JSON.stringify(note, null, 2)}\n`)
  for (const path of kept.removable) await rm(path, { force: true })
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await unlessGone(readdir(folder, { withFileTypes: true }), [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}

async function sizeOf(path: string): Promise<number> {
  return (await lstat(path)).size
}

/** Operators remove evidence too, also while it is looked through. */
async function unlessGone<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return otherwise
    throw error
  }
}
