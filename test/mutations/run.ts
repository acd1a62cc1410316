import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { apply, seededBugs, type SeededBug } from './seeded-bugs.ts'

/*
 * Proves that the suites have teeth: puts one seeded bug at a time into a copy of the tree, and demands
 * that the suites named by it fail. They have to pass without it first, or their failing shows nothing.
 * `npm run test:mutations -- part-of-a-name` tries only those.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const TAKES_AT_MOST_MS = 5 * 60_000
const LEFT_OUT = new Set(['node_modules', '.git'])

/** A suite that hangs has noticed something, too. */
type Verdict = 'passes' | 'fails' | 'hangs'

function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backout-mutations-'))
  for (const entry of readdirSync(ROOT).filter((name) => !LEFT_OUT.has(name))) {
    cpSync(join(ROOT, entry), join(folder, entry), { recursive: true })
  }
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

function run(suites: readonly string[], folder: string): Verdict {
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
  const { status, error } = spawnSync(
    process.execPath,
    [vitest, 'run', '--project', 'unit', '--bail', '1', '--reporter', 'dot', ...suites],
    { cwd: folder, stdio: 'ignore', timeout: TAKES_AT_MOST_MS, killSignal: 'SIGKILL' },
  )
  if (error) return 'hangs'
  return status === 0 ? 'passes' : 'fails'
}

function outcomeOf(bug: SeededBug, folder: string, baseline: Map<string, Verdict>): string | null {
  const key = bug.caughtBy.join(' ')
  const before = baseline.get(key) ?? run(bug.caughtBy, folder)
  baseline.set(key, before)
  if (before !== 'passes') return `NOT PROVED: ${key} does not pass without it`
  try {
    apply(bug, folder)
  } catch {
    return 'DOES NOT APPLY any more'
  }
  try {
    return run(bug.caughtBy, folder) === 'passes' ? 'SURVIVES' : null
  } finally {
    apply(bug, folder, ['--reverse'])
  }
}

const wanted = process.argv.slice(2)
const bugs = seededBugs().filter(({ name }) => {
  return wanted.length === 0 || wanted.some((part) => name.includes(part))
})
const folder = copy()
const baseline = new Map<string, Verdict>()
let alive = 0
try {
  for (const bug of bugs) {
    const problem = outcomeOf(bug, folder, baseline)
    if (problem) alive += 1
    console.log(`${bug.name.padEnd(32)} ${problem ?? `caught by ${bug.caughtBy.join(' ')}`}`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${bugs.length - alive} of ${bugs.length} seeded bugs are caught`)
process.exitCode = alive === 0 && bugs.length > 0 ? 0 : 1
