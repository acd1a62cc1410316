// The same step with its journal on PostgreSQL, beside a step of DBOS on the same server: a durable workflow engine that
// people would otherwise take.
import { DBOS } from '@dbos-inc/dbos-sdk'
import { openPostgresJournal } from '../../src/adapters/postgres/journal.ts'
import { startPostgres } from '../servers/postgres.ts'
import { serverAt } from '../support/postgres-journal.ts'
import { carryOut, STEPS } from './carry-out-steps.ts'
import { ms, ratioWithin, reported, type Outcome } from './outcome.ts'
import { quantile } from './pairs.ts'

/** Half of what DBOS takes (P10). */
const MOST_TIMES = 0.5
const PAIRS = 25

export const durableStepOnPostgres = async (): Promise<readonly Outcome[]> => {
  await using ending = new AsyncDisposableStack()
  const server = ending.use(await startPostgres({ commits: 'to-disk' }))
  const clock = { now: Date.now }
  const journal = await openPostgresJournal({ server: serverAt(server.url), clock })
  ending.defer(() => journal.close())
  await server.sql('CREATE DATABASE dbos')
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: server.url.replace(/\/[^/?]*(\?|$)/, '/dbos$1'),
    runAdminServer: false,
    logLevel: 'error',
  })
  const workflow = DBOS.registerWorkflow(stepsOfDbos, { name: 'steps' })
  await DBOS.launch()
  ending.defer(() => DBOS.shutdown())

  const all = { ours: [] as number[], theirs: [] as number[] }
  const gated = await ratioWithin({
    what: 'a durable step on PostgreSQL, against runStep of DBOS on the same server',
    gate: MOST_TIMES,
    pairs: PAIRS,
    sides: {
      subject: async () => {
        const { times } = await carryOut(journal, crypto.randomUUID())
        all.ours.push(...times)
        return quantile(times, 0.5)
      },
      baseline: async () => {
        const times = await workflow()
        all.theirs.push(...times)
        return quantile(times, 0.5)
      },
    },
    again: () => {
      all.ours.length = 0
      all.theirs.length = 0
    },
    more: () => [`each the median of ${STEPS} steps; commits wait for the disk`],
  })
  const p99 = quantile(all.ours, 0.99) / quantile(all.theirs, 0.99)
  const each = `${ms(quantile(all.ours, 0.99))} to ${ms(quantile(all.theirs, 0.99))}`
  const [ours, twice] = [quantile(all.ours, 0.5), quantile(sumsOfTwo(all.theirs), 0.5)]
  return [
    gated,
    reported('p99 over all of their steps', `${p99.toFixed(2)} x; ${each}`),
    reported(
      'against two of runStep, as what is durable before its effect takes there',
      `${(ours / twice).toFixed(2)} x; ${ms(ours)} to ${ms(twice)}`,
    ),
  ]
}

/** What was to be done as a step of its own, and then the effect. */
function sumsOfTwo(times: readonly number[]): readonly number[] {
  return times.flatMap((time, index) => (index % 2 === 1 ? [time + (times[index - 1] ?? 0)] : []))
}

/** As many steps whose effects take no time, each durable before the next one. */
async function stepsOfDbos(): Promise<number[]> {
  const times: number[] = []
  for (let index = 0; index < STEPS; index += 1) {
    const startedMs = performance.now()
    await DBOS.runStep(
      async () => ({ applied: true, says: 'runs v1.9.0; 3 of 3 pods are ready' }),
      {
        name: `step-${index}`,
      },
    )
    times.push(performance.now() - startedMs)
  }
  return times
}
