import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { Fault } from '../../domain/base/fault.ts'
import type { CopyTool } from '../../ports/backups.ts'

export type ToolName = 'mongodump' | 'mongorestore'

/** What runs in the tests; older ones were tried by nobody. */
const OLDEST = [100, 9, 0] as const
const ANSWERS_WITHIN_MS = 10_000

type Found = CopyTool & { readonly path: string | null }

/** Where a tool is, in the first of these folders that has it, and whether it can be used. */
export async function findTool(name: ToolName, folders: readonly string[]): Promise<Found> {
  const path = await firstOf(folders.map((folder) => join(folder, name)))
  if (path === null) {
    const problem =
      'it is not installed: set BACKOUT_MONGO_TOOLS to the folder of the database tools'
    return { name, path, version: null, problem }
  }
  const version = await versionOf(path)
  return { name, path, version, problem: problemOf(version) }
}

/** Throws a `Fault` in place of one that cannot be used. */
export async function usableTool(name: ToolName, folders: readonly string[]): Promise<string> {
  const { path, problem } = await findTool(name, folders)
  if (path !== null && problem === null) return path
  const detail = `${name}: ${problem ?? 'it is not installed'}`
  throw new Fault({ kind: 'terminal', dependency: 'backups', detail })
}

function problemOf(version: string | null): string | null {
  if (version === null) return 'it does not say which version it is'
  const numbers = version.split('.').map(Number)
  const difference = OLDEST.map((oldest, at) => (numbers[at] ?? 0) - oldest).find(
    (one) => one !== 0,
  )
  if ((difference ?? 0) >= 0) return null
  return `version ${version} is too old: at least ${OLDEST.join('.')} is needed`
}

function versionOf(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      path,
      ['--version'],
      {
        env: { LANG: 'C' },
        timeout: ANSWERS_WITHIN_MS,
        killSignal: 'SIGKILL',
        maxBuffer: 64 * 1024,
      },
      (_error, stdout) =>
        resolve(/version: r?(\d{1,6}\.\d{1,6}(?:\.\d{1,6})?)/.exec(stdout)?.[1] ?? null),
    )
  })
}

async function firstOf(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const usable = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return path
  }
  return null
}
