import { afterAll, beforeAll, expect, test } from 'vitest'
import { incidentLog } from '../../src/engine/journal/incident-log.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { declared, opened } from '../support/builders.ts'
import { wish } from '../support/engine-story.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'

const CLICKS = 1_000
/** As people press in the worst minute: several at once, each delivered to both processes. */
const AT_ONCE = 10

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres({ commits: 'to-disk' })
})
afterAll(() => server.stop())

test(`the same click on two processes counts once, ${CLICKS} times (J2)`, async () => {
  const at = serverAt(server.url)
  const journals = [await openOn(at), await openOn(at)]
  const processes = journals.map((journal) => incidentLog(journal, { reach() {} }))
  await journals[0]?.append({ incident: 'i-1', seen: 0, events: [opened, declared] })

  const outcomes: (string | undefined)[] = []
  for (let first = 0; first < CLICKS; first += AT_ONCE) {
    const clicks = Array.from({ length: AT_ONCE }, (_, index) => `press:${first + index}`)
    const each = clicks.flatMap((delivery) => {
      const received = wish(delivery, { kind: 'check-again' }, 'U0BO')
      const event = { type: 'intent-received', received } as const
      return processes.map((one) => one.receive('i-1', event, 'any', delivery))
    })
    outcomes.push(...(await Promise.all(each)))
  }

  const counted = (kind: string) => outcomes.filter((outcome) => outcome === kind).length
  expect({ appended: counted('appended'), duplicate: counted('duplicate') }).toEqual({
    appended: CLICKS,
    duplicate: CLICKS,
  })
  const events = (await journals[1]?.read('i-1')) ?? []
  const deliveries = events.flatMap(({ event }) =>
    event.type === 'intent-received' ? [event.received.delivery] : [],
  )
  expect(new Set(deliveries).size).toBe(CLICKS)
  expect(deliveries).toHaveLength(CLICKS)
}, 600_000)
