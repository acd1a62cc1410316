import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { verifyPostgresJournal } from '../../src/adapters/postgres/verify-journal.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPostgresLine, type PostgresLine } from '../servers/postgres-line.ts'
import { memorySlack } from '../support/memory-slack.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'
import { replicaStory, RIGHT } from '../support/replica-story.ts'
import type { Moment, Strike } from '../support/replica-watch.ts'
import { startReplicas } from '../support/replicas.ts'

/** One each time; `npm run test:long` has many. */
const KILLS = Number(process.env['LONG_KILLS'] ?? 1)
/** Long enough for a server that is promoted. */
const LEASE_MS = 5_000
/** Each pair of processes finds what the one before has posted. */
const slack = memorySlack()

describe.skipIf(missingAllowed('postgres'))('a rollback whose journal loses its primary', () => {
  test(`goes on and ends the same, killed at ${KILLS} of its calls: no click lost, nothing done twice`, async () => {
    const line = await startPostgresLine()
    onTestFinished(() => line.stop())
    const calls = await callsOf(line)
    const found: (number | null)[] = []
    for (let kill = 0; kill < KILLS; kill += 1) {
      const at = 1 + Math.floor(((kill + 0.5) * calls) / KILLS)
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      found.push(await killedAt(line, { what: 'call', at }, (kill * 7) % 23))
    }
    const killed = found.filter((one) => one !== null)
    const clicks = killed.reduce((sum, one) => sum + one, 0)
    console.log(
      `failover: killed at ${killed.length} of ${calls} calls of a rollback; ${clicks} clicks acknowledged meanwhile`,
    )
    expect(killed.length).toBeGreaterThanOrEqual(Math.ceil(KILLS * 0.75))
    expect(clicks).toBeGreaterThan(0)
  }, 3_600_000)
})

/** How many there are in a rollback to which nothing happens. */
async function callsOf(line: PostgresLine): Promise<number> {
  const server = serverAt(line.primary().url)
  const journal = await openOn(server)
  const replicas = await startReplicas(server, LEASE_MS, slack)
  try {
    const found = await replicaStory(replicas, journal, LEASE_MS).trial(null)
    expect(found).toMatchObject(RIGHT)
    return found.made.call
  } finally {
    await replicas[Symbol.asyncDispose]()
    await journal.close()
  }
}

/** A whole rollback, whose journal is on another server from that call on, or so much later. */
async function killedAt(line: PostgresLine, moment: Moment, afterMs: number) {
  const old = line.primary().url
  const { url: next } = await line.standby()
  const server = serverAt(old, next)
  const journal = await openOn(server)
  const replicas = await startReplicas(server, LEASE_MS, slack)
  try {
    const { trial, clicksOn, durable } = replicaStory(replicas, journal, LEASE_MS)
    const acknowledged = Promise.withResolvers<readonly string[]>()
    let isStruck = false
    const strike: Strike = async (_acting, incident) => {
      const clicks = [replicas.one, replicas.other].map((to) => clicksOn(to, incident))
      const kill = async () => {
        await sleep(afterMs)
        await line.kill()
        await line.promote()
        return (await Promise.all(clicks.map(({ stop }) => stop()))).flat()
      }
      isStruck = true
      void kill().then(acknowledged.resolve, acknowledged.reject)
      return 'awake'
    }
    const found = await trial(moment, strike)
    // It had fewer calls than the one that was counted.
    if (!isStruck) return null
    const clicked = await acknowledged.promise
    expect(found).toMatchObject(RIGHT)
    const there = await durable()
    expect(there).toEqual(expect.arrayContaining([...clicked]))
    expect(new Set(there).size).toBe(there.length)
    expect(await verifyPostgresJournal(serverAt(line.primary().url))).toMatchObject({
      kind: 'intact',
    })
    return clicked.length
  } finally {
    await replicas[Symbol.asyncDispose]()
  }
}
