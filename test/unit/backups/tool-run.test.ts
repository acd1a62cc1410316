import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, it } from 'vitest'
import { withTool, type ToolRun } from '../../../src/adapters/backups/tool-run.ts'

const folder = mkdtempSync(join(tmpdir(), 'backout-tool-run-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A file that is there and may be run, and cannot be: nothing reads it. */
const broken = (): string => {
  const path = join(folder, 'mongodump')
  writeFileSync(path, '#!/nowhere/interpreter\n', { mode: 0o755 })
  return path
}

it('a tool that cannot be started is told to whoever asks how it ended, and ends nothing else', async () => {
  const unheard: unknown[] = []
  const hear = (reason: unknown) => void unheard.push(reason)
  process.on('unhandledRejection', hear)
  const start = { path: broken(), args: [], uri: 'mongodb://127.0.0.1:1', ca: null }
  const askedLate = async (run: ToolRun) => {
    for await (const _ of run.output) throw new Error('it says nothing')
    await sleep(20)
    return run.ended
  }
  await expect(withTool(start, askedLate)).rejects.toThrow('the tool could not be started (ENOENT)')
  process.off('unhandledRejection', hear)
  expect(unheard).toEqual([])
})
