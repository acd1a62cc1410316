import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../domain/base/network-trouble.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EvidenceFile, EvidenceFolder, EvidenceStore } from '../../ports/evidence.ts'
import { fileFault } from './faults.ts'
import { safePart, unusedNames } from './names.ts'
import { written } from './written.ts'

const manifest = 'manifest.json'

/** Evidence on a disk: in `folder`, a folder for each incident, and in it one for each collection. */
export function evidenceFiles(folder: string, clock: Clock): EvidenceStore {
  return {
    async open(incident) {
      const openedMs = clock.now()
      const parent = join(folder, safePart(incident) || '_')
      const place = await guarded(() => newFolder(parent, stampOf(openedMs)))
      const about = { incident, at: new Date(openedMs).toISOString() }
      return evidenceFolder(place, about)
    },
  }
}

function evidenceFolder(
  place: string,
  about: { readonly incident: string; readonly at: string },
): EvidenceFolder {
  const unused = unusedNames([manifest])
  return {
    place,
    async keep(given, text, limits) {
      const name = unused(given)
      return { name, ...(await written(join(place, name), text, limits)) }
    },
    finish: (files) =>
      guarded(() => writeWhole(join(place, manifest), `${jsonOf({ ...about, files })}\n`)),
  }
}

const jsonOf = (value: { readonly files: readonly EvidenceFile[] }): string =>
  JSON.stringify(value, null, 2)

/** `2026-11-22T03-12-07Z`: sorts by time, and every file system takes it. */
function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-')}Z`
}

async function newFolder(parent: string, name: string): Promise<string> {
  await mkdir(parent, { recursive: true, mode: 0o700 })
  for (let number = 1; ; number += 1) {
    const folder = join(parent, number === 1 ? name : `${name}-${number}`)
    try {
      await mkdir(folder, { mode: 0o700 })
      return folder
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error
    }
  }
}

/** Under a name that no evidence can have, until it is on the disk. */
async function writeWhole(path: string, text: string): Promise<void> {
  const partial = join(path, '..', '.manifest.partial')
  try {
    await writeFile(partial, text, { mode: 0o600, flush: true })
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw error
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileFault(error)
  }
}
