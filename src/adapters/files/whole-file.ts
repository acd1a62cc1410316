import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

/** The list of what was kept in a collection, and of what was not. */
export const manifestName = 'manifest.json'

/** Under a name that no evidence can have, until it is on the disk. */
export async function writeWhole(path: string, whole: string | Uint8Array): Promise<void> {
  const partial = join(path, '..', `.${basename(path)}.partial`)
  try {
    await writeFile(partial, whole, { mode: 0o600, flush: true })
    await rename(partial, path)
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw error
  }
}
