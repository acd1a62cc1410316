import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'
import { fileFault } from './faults.ts'
import { writeWhole } from './whole-file.ts'

export type KeptFile<Kept> = {
  /** `null`: there is none yet. Throws a `Fault` when it cannot be read, or is none of ours. */
  read(): Promise<Kept | null>
  /** All of it, or nothing. Throws a `Fault`. */
  write(kept: Kept): Promise<void>
}

/** What is kept beside the journal, in one small file. `what`: whose it is, and what it is, for people. */
export function keptFile<Kept>(
  path: string,
  schema: z.ZodType<Kept>,
  what: { readonly dependency: string; readonly of: string },
): KeptFile<Kept> {
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return null
        throw fileFault(error)
      })
      if (text === null) return null
      const { data } = schema.safeParse(jsonOf(text))
      if (data !== undefined) return data
      const detail = `what was known of ${what.of} cannot be read`
      throw new Fault({ kind: 'terminal', dependency: what.dependency, detail })
    },
    async write(kept) {
      try {
        await mkdir(dirname(path), { recursive: true, mode: 0o700 })
        await writeWhole(path, `${JSON.stringify(kept)}\n`)
      } catch (error) {
        throw fileFault(error)
      }
    },
  }
}
