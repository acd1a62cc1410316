import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))

/** A bug that was put into the code on purpose, and the suites that have to find it. */
export type SeededBug = {
  readonly name: string
  readonly patch: string
  /** What the program does wrong with it, in a sentence. */
  readonly title: string
  readonly caughtBy: readonly string[]
}

/** Every patch in this folder. Its first line is its title, its second one names the suites. */
export function seededBugs(): readonly SeededBug[] {
  return readdirSync(HERE)
    .filter((file) => file.endsWith('.patch'))
    .toSorted()
    .map((file) => {
      const patch = readFileSync(join(HERE, file), 'utf8')
      const [title = '', caughtBy = ''] = patch.split('\n')
      return {
        name: basename(file, '.patch'),
        patch,
        title,
        caughtBy: caughtBy.replace(/^Caught by: /, '').split(' '),
      }
    })
}

/** Changes the tree in this folder, or only asks whether that could be done. Throws when it cannot. */
export function apply({ patch }: SeededBug, folder: string, options: readonly string[] = []): void {
  // Outside of any repository, so that a folder inside one is not taken for a part of it.
  const env = { ...process.env, GIT_CEILING_DIRECTORIES: join(folder, '..') }
  execFileSync('git', ['apply', ...options], { cwd: folder, env, input: patch, stdio: 'pipe' })
}
