import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Fault } from '../../domain/base/fault.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'
import { KeptReadiness } from '../../domain/readiness/news.ts'
import { fileFault } from './faults.ts'
import { writeWhole } from './whole-file.ts'

export type ReadinessFile = {
  /** `null`: there is none yet. Throws a `Fault` when it cannot be read, or is none of ours. */
  read(): Promise<KeptReadiness | null>
  /** All of it, or nothing. Throws a `Fault`. */
  write(kept: KeptReadiness): Promise<void>
}

/** What is known of the ways back, beside the journal. */
export function readinessFile(path: string): ReadinessFile {
  return {
    async read() {
      const text = await readFile(path, 'utf8').catch((error: unknown) => {
        if (codeOf(error) === 'ENOENT') return null
        throw fileFault(error)
      })
      if (text === null) return null
      const { data } = KeptReadiness.safeParse(jsonOf(text))
      if (data) return data
      const detail = 'what was known of the ways back cannot be read'
      throw new Fault({ kind: 'terminal', dependency: 'readiness', detail })
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
