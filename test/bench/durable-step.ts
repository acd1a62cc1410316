// What a step costs beside its effect: its start and its result, each on disk before it goes on. In a
// process of its own, so that nothing else's syncs are counted: node test/bench/durable-step.ts FOLDER RUNS
import { spawnSync } from 'node:child_process'
import { closeSync, fdatasyncSync, openSync, readFileSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import type { SqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { dataFolder } from '../support/bot.ts'
import { begin, carryOut, STEPS } from './carry-out-steps.ts'
import { ms, ratioWithin, reported } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { quantile } from './pairs.ts'

const PAIRS = 25

/**
 * Half of what DBOS 5.3 took on a local PostgreSQL 15 (2.2 to 2.5 ms), beside two of these appends
 * (0.34 to 0.44 ms) on one machine: about 6 x. Beside them here, half of that.
 */
const MOST_TIMES = 3

const COUNTED_RUNS = 8
const MOST_SYNCS = 3

export const durableStep = async (): Promise<readonly Outcome[]> => {
  const folder = dataFolder()
  const journal = openJournal(folder)
  const bare = openSync(join(folder, 'bare'), 'a')
  const all = { ours: [] as number[], theirs: [] as number[] }
  let { rows } = await carryOut(journal, 'first')

  const gated = await ratioWithin({
    what: 'a durable step, against two bare appends of the same bytes with fdatasync',
    gate: MOST_TIMES,
    pairs: PAIRS,
    sides: {
      subject: async () => {
        const done = await carryOut(journal, crypto.randomUUID())
        rows = done.rows
        all.ours.push(...done.times)
        return quantile(done.times, 0.5)
      },
      baseline: async () => {
        const times = Array.from({ length: STEPS }, () => appendBare(bare, rows))
        all.theirs.push(...times)
        return quantile(times, 0.5)
      },
    },
    again: () => {
      all.ours.length = 0
      all.theirs.length = 0
    },
    more: () => [
      `each the median of ${STEPS}; of all, ours ${shown(all.ours)}; bare ${shown(all.theirs)}`,
      `${rows.map((row) => row.length).join(' and ')} bytes; ${onWhatDisk(folder)}`,
    ],
  })
  closeSync(bare)
  journal.close()
  return [gated, countedSyncs()]
}

const openJournal = (folder: string): SqliteJournal =>
  sqliteJournal({ file: join(folder, 'journal.sqlite'), clock: { now: Date.now } })

const appendBare = (file: number, rows: readonly Buffer[]): number => {
  const startedMs = performance.now()
  for (const row of rows) {
    writeSync(file, row)
    fdatasyncSync(file)
  }
  return performance.now() - startedMs
}

/** The kernel's own count, with the checkpoints that so many steps make due; without opening and beginning. */
const countedSyncs = (): Outcome => {
  const what = 'fsync and fdatasync calls of a step'
  const [begun, carriedOut] = [syncsOf('begin'), syncsOf('carry-out')]
  if (begun === null || carriedOut === null)
    return reported(what, 'not counted: there is no strace')
  const amount = COUNTED_RUNS * STEPS
  const each = (carriedOut - begun) / amount
  return {
    what,
    verdict: each <= MOST_SYNCS ? 'pass' : 'FAIL',
    measured: each.toFixed(2),
    gate: `<= ${MOST_SYNCS}`,
    details: [`${carriedOut - begun} in ${amount} steps, checkpoints included, counted by strace`],
  }
}

type Task = 'begin' | 'carry-out'

const syncsOf = (task: Task): number | null => {
  const folder = dataFolder()
  const trace = join(folder, 'trace')
  const here = fileURLToPath(import.meta.url)
  const watched = ['-f', '-e', 'trace=fsync,fdatasync,sync_file_range', '-o', trace]
  const { error, status, stderr } = spawnSync(
    'strace',
    [...watched, process.execPath, here, folder, task],
    { encoding: 'utf8' },
  )
  if (error && 'code' in error && error.code === 'ENOENT') return null
  if (error || status !== 0)
    throw new Error(`strace ended with ${status}: ${stderr}`, error && { cause: error })
  return readFileSync(trace, 'utf8').match(/ (fsync|fdatasync|sync_file_range)\(/g)?.length ?? 0
}

const shown = (times: readonly number[]): string =>
  [0.5, 0.99].map((share) => `p${share * 100} ${ms(quantile(times, share))}`).join(', ')

/** statfs(2). */
const TMPFS = 0x01021994

const onWhatDisk = (folder: string): string =>
  statfsSync(folder).type === TMPFS
    ? 'in memory (tmpfs), where fdatasync costs nothing: set TMPDIR to a folder on disk'
    : 'on a disk'

if (import.meta.main) {
  const [folder = '', task] = process.argv.slice(2)
  const journal = openJournal(folder)
  for (let run = 0; run < COUNTED_RUNS; run += 1) {
    if (task === 'carry-out') await carryOut(journal, `run-${run}`)
    else await begin(journal, `run-${run}`)
  }
  journal.close()
}
