import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../domain/base/network-trouble.ts'
import type { Clock } from '../../ports/clock.ts'
import type { EvidenceFile, EvidenceFolder, EvidenceStore } from '../../ports/evidence.ts'
import { evidenceQuota, unlimited, type EvidenceLimits } from './evidence-quota.ts'
import { fileFault } from './faults.ts'
import { safePart, unusedNames } from './names.ts'
import { manifestName, writeWhole } from './whole-file.ts'
import { written } from './written.ts'
import { writtenWhole } from './written-whole.ts'

/** Evidence on a disk: in `folder`, a folder for each incident, and in it one for each collection. */
export function evidenceFiles(
  folder: string,
  clock: Clock,
  limits: EvidenceLimits = unlimited,
): EvidenceStore {
  const quota = evidenceQuota(folder, limits, () => new Date(clock.now()).toISOString())
  return {
    async open(incident) {
      const openedMs = clock.now()
      const own = safePart(incident) || '_'
      const parent = join(folder, own)
      const place = await guarded(async () => {
        await mkdir(parent, { recursive: true, mode: 0o700 })
        await quota.open()
        return newFolder(parent, stampOf(openedMs))
      })
      const about = { incident, at: new Date(openedMs).toISOString() }
      return evidenceFolder(place, about, { ...quota, take: (bytes) => quota.take(bytes, own) })
    },
  }
}

/** A new folder of this name, for what somebody asks for by hand: no quota holds for it. */
export async function evidenceFolderAt(
  place: string,
  about: { readonly incident: string; readonly at: string },
): Promise<EvidenceFolder> {
  await guarded(() => mkdir(place, { recursive: true, mode: 0o700 }))
  return evidenceFolder(place, about, { take: async () => null, givenUp: () => [] })
}

/** A file of this name that is new. */
export async function newFile(path: string, text: string): Promise<void> {
  await guarded(() => writeFile(path, text, { mode: 0o600, flag: 'wx', flush: true }))
}

/** What there is for the files of one folder. */
type Room = {
  readonly take: (bytes: number) => Promise<string | null>
  readonly givenUp: () => readonly string[]
}

function evidenceFolder(
  place: string,
  about: { readonly incident: string; readonly at: string },
  { take, givenUp }: Room,
): EvidenceFolder {
  const unused = unusedNames([manifestName])
  return {
    place,
    async keep(given, text, limits) {
      const name = unused(given)
      return { name, ...(await written(join(place, name), text, { ...limits, take })) }
    },
    async keepBytes(given, bytes, { kind, ...limits }) {
      const name = unused(given)
      return { name, ...(await writtenWhole(join(place, name), bytes, { ...limits, take })), kind }
    },
    givenUp,
    finish: (files) =>
      guarded(() => writeWhole(join(place, manifestName), `${jsonOf({ ...about, files })}\n`)),
  }
}

const jsonOf = (value: { readonly files: readonly EvidenceFile[] }): string =>
  JSON.stringify(value, null, 2)

/** `2026-11-22T03-12-07Z`: sorts by time, and every file system takes it. */
function stampOf(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(':', '-')}Z`
}

async function newFolder(parent: string, name: string): Promise<string> {
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

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw fileFault(error)
  }
}
