// The numbers, each beside its baseline: npm run bench [-- acknowledgement assess memory cold-start]
// Ends with 1 when a gate is missed, with 2 when a measurement was too noisy to say.
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { acknowledgement } from './acknowledgement.ts'
import { acknowledgementOnPostgres } from './acknowledgement-postgres.ts'
import { assessing } from './assess.ts'
import { readingBackups } from './backups.ts'
import { cacheClearing } from './cache-clearing.ts'
import { coldStart } from './cold-start.ts'
import { compareData } from './compare-data.ts'
import { containerBehindProxy } from './container-behind-proxy.ts'
import { containerLogs } from './container-logs.ts'
import { containerRollback } from './container-rollback.ts'
import { containerSwap } from './container-swap.ts'
import { durableStep } from './durable-step.ts'
import { durableStepOnPostgres } from './durable-step-postgres.ts'
import { flagOff } from './flag-off.ts'
import { fullProcedure } from './full.ts'
import { largeCluster } from './large-cluster.ts'
import { manyEnvironments } from './many-environments.ts'
import { manyIncidents } from './many-incidents.ts'
import { memory } from './memory.ts'
import type { Bench, Outcome } from './outcome.ts'
import { pictures } from './pictures.ts'
import { redaction } from './redaction.ts'
import { reporting } from './report.ts'
import { restart } from './restart.ts'
import { rollback, rollouts } from './rollback.ts'
import { strangers } from './strangers.ts'
import { switchData } from './switch-data.ts'
import { watching } from './watch.ts'

const benches: Record<string, Bench> = {
  acknowledgement,
  'acknowledgement-postgres': acknowledgementOnPostgres,
  assess: assessing,
  'cache-clearing': cacheClearing,
  rollback,
  rollouts,
  'durable-step': durableStep,
  'durable-step-postgres': durableStepOnPostgres,
  watch: watching,
  'many-incidents': manyIncidents,
  'many-environments': manyEnvironments,
  restart,
  redaction,
  report: reporting,
  memory,
  pictures,
  'large-cluster': largeCluster,
  'compare-data': compareData,
  backups: readingBackups,
  'switch-data': switchData,
  strangers,
  'container-swap': containerSwap,
  'container-behind-proxy': containerBehindProxy,
  'container-rollback': containerRollback,
  'container-logs': containerLogs,
  'flag-off': flagOff,
  full: fullProcedure,
  'cold-start': coldStart,
}

/** Ticks of all processors since the machine started, and those that its host took away. */
const processorTime = (): { all: number; stolen: number } => {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n')
  const ticks = line.split(/\s+/).slice(1, 9).map(Number)
  return { all: ticks.reduce((sum, one) => sum + one, 0), stolen: ticks[7] ?? 0 }
}

const show = (name: string, outcomes: readonly Outcome[]): void => {
  console.log(`\n${name}`)
  const widest = (of: (outcome: Outcome) => string) =>
    Math.max(...outcomes.map((outcome) => of(outcome).length))
  const whatWidth = widest(({ what }) => what)
  const measuredWidth = widest(({ measured }) => measured)
  for (const { what, verdict, measured, gate, details } of outcomes) {
    const cells = [verdict.padEnd(9), what.padEnd(whatWidth), measured.padEnd(measuredWidth), gate]
    console.log(`  ${cells.join('  ').trimEnd()}`)
    for (const detail of details) console.log(`${' '.repeat(13)}${detail}`)
  }
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in benches))
if (unknown.length > 0) {
  console.error(
    `No such bench: ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`,
  )
  process.exit(1)
}

console.log(
  `Node ${process.version}, ${cpus().length} processors, ${cpus()[0]?.model ?? 'unknown'}`,
)
const outcomes: Outcome[] = []
for (const [name, bench] of Object.entries(benches)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const before = processorTime()
  const found = await bench()
  const after = processorTime()
  const stolen = (100 * (after.stolen - before.stolen)) / (after.all - before.all)
  show(name, found)
  const load = loadavg()[0]?.toFixed(1)
  console.log(`${' '.repeat(13)}load average ${load}, stolen by the host ${stolen.toFixed(1)} %`)
  outcomes.push(...found)
}

const having = (verdict: Outcome['verdict']) =>
  outcomes.filter((outcome) => outcome.verdict === verdict).length
const [passed, failed, noisy] = [having('pass'), having('FAIL'), having('too noisy')]
console.log(`\nbenches: ${passed} passed, ${failed} failed, ${noisy} too noisy`)
// By exit and not by exit code: what a library keeps open must not keep a finished run alive.
process.exit(failed > 0 ? 1 : noisy > 0 ? 2 : 0)
