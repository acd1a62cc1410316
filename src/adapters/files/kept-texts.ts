import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from '../../domain/base/network-trouble.ts'
import type { KeptTexts } from '../../ports/kept.ts'
import { fileFault } from './faults.ts'
import { writeWhole } from './whole-file.ts'

/** Each in a file of JSON in this folder. */
export function keptTexts(folder: string): KeptTexts {
  const fileOf = (name: string): string => join(folder, `${name}.json`)
  return {
    async read(name) {
      try {
        return await readFile(fileOf(name), 'utf8')
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null
        throw fileFault(error)
      }
    },
    async write(name, text) {
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeWhole(fileOf(name), text)
      } catch (error) {
        throw fileFault(error)
      }
    },
  }
}
