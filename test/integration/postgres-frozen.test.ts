import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { verifyPostgresJournal } from '../../src/adapters/postgres/verify-journal.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'
import { replicaStory, RIGHT, type Trial } from '../support/replica-story.ts'
import { startReplicas } from '../support/replicas.ts'

/** Three each time; `npm run test:long` has many. */
const TRIALS = Number(process.env['LONG_FREEZES'] ?? 3)
/** So many pairs of processes at a time, each on a journal of its own. */
const LANES = TRIALS > 10 ? 2 : 1
const LEASE_MS = 1_000

describe.skipIf(missingAllowed('postgres'))('two processes on one PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
  })
  afterAll(() => server?.stop())

  async function stage(database: string) {
    await server.sql(`CREATE DATABASE ${database}`)
    const at = { ...serverAt(server.url), database }
    const journal = await openOn(at)
    const replicas = await startReplicas(at, LEASE_MS)
    onTestFinished(() => replicas[Symbol.asyncDispose]())
    return { ...replicaStory(replicas, journal, LEASE_MS), at }
  }

  test(`the one that acts is frozen for two leases, ${TRIALS} times: nothing of it has an effect afterwards`, async () => {
    const names = Array.from({ length: LANES }, (_, lane) => `frozen_${lane}`)
    const lanes = await Promise.all(names.map(stage))
    const unharmed = await Promise.all(lanes.map((lane) => lane.trial(null)))
    const calls = Math.min(...unharmed.map(({ made }) => made.call))
    const writes = Math.min(...unharmed.map(({ made }) => made.write))
    let next = 0
    const found: Trial[] = []
    const work = lanes.map(async (lane) => {
      for (let mine = next++; mine < TRIALS; mine = next++) {
        // Every second time at a write, else anywhere between the first call and the last.
        const anywhere = { what: 'call', at: 1 + Math.floor((mine * calls) / TRIALS) } as const
        const atWrite = { what: 'write', at: 1 + (Math.floor(mine / 2) % writes) } as const
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        found.push(await lane.trial(mine % 2 === 0 ? atWrite : anywhere))
      }
    })
    await Promise.all(work)
    const frozen = found.filter(({ tookOverMs }) => tookOverMs !== null)
    const late = found.flatMap((one) => one.late)
    console.log(
      `frozen: ${frozen.length} of ${found.length} taken over, ${late.length} writes came late, ` +
        `${late.filter(({ accepted }) => accepted).length} had an effect; ` +
        `taken over after at most ${Math.max(...frozen.map(({ tookOverMs }) => tookOverMs ?? 0))} ms`,
    )
    expect(found.length).toBe(TRIALS)
    expect(late.length).toBeGreaterThan(0)
    expect(late.filter(({ accepted, guarded }) => accepted && guarded)).toEqual([])
    for (const one of found) expect(one).toMatchObject(RIGHT)
    for (const { at } of lanes) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      expect(await verifyPostgresJournal(at)).toMatchObject({ kind: 'intact' })
    }
  }, 3_600_000)
})
