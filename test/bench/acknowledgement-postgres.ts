// The same clicks with the journal on PostgreSQL, whose commit waits for its disk.
import { join } from 'node:path'
import { fillPostgresJournal } from '../../src/adapters/postgres/fill-journal.ts'
import { readRows } from '../../src/adapters/sqlite/read-rows.ts'
import { startPostgres } from '../servers/postgres.ts'
import { dataFolder, shippedSettings, startDemoSlack, startSimulatedBot } from '../support/bot.ts'
import { serverAt } from '../support/postgres-journal.ts'
import { BURST, clicker, OPEN_INCIDENTS, quiet, shown, timeToAck } from './acknowledgement.ts'
import { writeOpenIncidents } from './open-incidents.ts'
import { atMost, type Outcome } from './outcome.ts'
import { quantile } from './pairs.ts'

/** A tenth of the three seconds after which a person sees that the click failed. */
const MOST_MS = 300
const BURSTS = 27

export const acknowledgementOnPostgres = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const server = resources.use(await startPostgres({ commits: 'to-disk' }))
  const slack = resources.adopt(await startDemoSlack(), (one) => one.stop())
  const file = join(dataFolder(), 'journal.sqlite')
  await writeOpenIncidents(file, OPEN_INCIDENTS)
  const rows = readRows(file)
  await fillPostgresJournal(serverAt(server.url), {
    ...rows,
    secondFactors: null,
    releases: [],
    texts: new Map(),
  })
  rows.close()
  resources.use(
    await startSimulatedBot({
      slack,
      settings: shippedSettings({}),
      env: { BACKOUT_DATABASE_URL: server.url },
    }),
  )
  const [socket = 0] = await slack.sockets.waitFor(1)
  await quiet(slack)
  const newClicks = await clicker(slack)
  const times: number[] = []
  for (let burst = 0; burst < BURSTS; burst += 1) {
    const acked = newClicks().map((click) => timeToAck(slack, socket, click))
    times.push(...(await Promise.all(acked)))
    await quiet(slack)
  }
  return [
    atMost({
      what: `acknowledgement with ${OPEN_INCIDENTS} incidents open in PostgreSQL, p99`,
      measured: quantile(times, 0.99),
      gate: MOST_MS,
      unit: 'ms',
      details: [shown(times), `${BURSTS} bursts of ${BURST} clicks; commits wait for the disk`],
    }),
  ]
}
