import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { keptTexts } from '../../src/adapters/files/kept-texts.ts'
import { postgresHanded } from '../../src/adapters/postgres/handed.ts'
import { postgresTexts } from '../../src/adapters/postgres/kept-texts.ts'
import { postgresLedger } from '../../src/adapters/postgres/ledger.ts'
import type { JournalServer } from '../../src/adapters/postgres/server.ts'
import { checkLedger } from '../../src/compose/doctor-ledger.ts'
import { journalPlaceIn } from '../../src/config/journal-place.ts'
import type { KeptTexts } from '../../src/ports/kept.ts'
import { missingAllowed } from '../servers/find.ts'
import { startPgBouncer } from '../servers/pgbouncer.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { releaseLedgerContract } from '../support/contracts/release-ledger.ts'
import { temporaryFolder } from '../support/journal.ts'
import { entry } from '../support/ledger.ts'
import { openOn, serverAt } from '../support/postgres-journal.ts'

describe.skipIf(missingAllowed('postgres'))('beside the journal on PostgreSQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ commits: 'to-disk' })
  })
  afterAll(() => server?.stop())
  beforeEach(() => server.sql('DROP SCHEMA IF EXISTS backout CASCADE'))

  const ledgerOn = (at: JournalServer) => {
    const ledger = postgresLedger(at)
    onTestFinished(() => ledger.close())
    return ledger
  }
  const ledger = () => ledgerOn(serverAt(server.url))
  const place = () => journalPlaceIn({ BACKOUT_DATABASE_URL: server.url })

  describe('the release ledger', () => {
    releaseLedgerContract({
      start: async () => ({ ledger: ledger(), connect: async () => ledger() }),
    })
  })

  test('of many who record at once, each by what it has read, nobody takes from another', async () => {
    const ledgers = [1, 2, 3, 4].map(() => ledger())
    await ledgers[0]?.put([entry({ ranMs: 0 })])
    const minute = async (one: (typeof ledgers)[number]): Promise<number> => {
      const known = await one.entries(['backend'])
      const ranMs = (known[0]?.ranMs ?? 0) + 1
      return one.put([entry({ ranMs })], known).then(
        () => 1,
        () => 0,
      )
    }
    let counted = 0
    for (let turn = 0; turn < 20; turn += 1) {
      // oxlint-disable-next-line no-await-in-loop -- one turn after the other
      for (const one of await Promise.all(ledgers.map(minute))) counted += one
    }
    expect(counted).toBeGreaterThanOrEqual(20)
    expect((await ledgers[1]?.entries(['backend']))?.map(({ ranMs }) => ranMs)).toEqual([counted])
  })

  test('the release ledger is recorded through a pooler too', async () => {
    await using pooler = await startPgBouncer(server.url, 'transaction')
    await ledgerOn(serverAt(pooler.url)).put([entry()])
    expect(await ledger().entries(['backend'])).toEqual([entry()])
  })

  test('a state that is not what was written stops the ledger, is named by it and by doctor, and holds up no event', async () => {
    const one = ledger()
    await one.put([entry()])
    expect(await checkLedger(place())).toMatchObject({ state: 'ok', dependency: 'release ledger' })
    await server.sql(`UPDATE backout.releases SET body = replace(body, 'v1', 'v2')`)
    const said =
      /^the release ledger on 127\.0\.0\.1:\d+ is damaged \(a state of backend on web-1 is not/
    const asked = [one.entries(['backend']), one.put([entry()]), one.check()]
    for (const fault of await Promise.all(asked.map(faultOf))) {
      expect(fault).toMatchObject({ kind: 'terminal', dependency: 'release ledger' })
      expect(fault.detail).toMatch(said)
    }
    expect(await checkLedger(place())).toMatchObject({
      state: 'wrong',
      found: expect.stringMatching(said),
    })
    const journal = await openOn(serverAt(server.url))
    expect(await journal.open()).toEqual([])
  })

  test('what was given is taken once, by one of all who ask, in its order, and what is old by nobody', async () => {
    const all = [1, 2, 3].map(() => {
      const one = postgresHanded(serverAt(server.url))
      onTestFinished(() => one.close())
      return one
    })
    await all[0]?.give('old')
    await server.sql(`UPDATE backout.handed SET at = at - interval '61 seconds'`)
    const given = Array.from({ length: 60 }, (_, index) => `${index}`.padStart(2, '0'))
    // oxlint-disable-next-line no-await-in-loop -- in this order
    for (const text of given) await all[1]?.give(text)
    const taken: string[] = []
    while ((await server.sql('SELECT count(*) FROM backout.handed')) !== '0\n') {
      // oxlint-disable-next-line no-await-in-loop -- until nothing is left
      const found = await Promise.all(all.map((one) => one.take()))
      for (const some of found) expect(some).toEqual(some.toSorted())
      taken.push(...found.flat())
    }
    expect(taken.toSorted()).toEqual(given)
  })

  test('what cannot be connected to is told, and tried again when it is asked next', async () => {
    const one = ledgerOn({ ...serverAt(server.url), database: 'later' })
    const fault = await faultOf(one.entries(['backend']))
    expect(fault.detail).toContain('it has no database of that name')
    await server.sql('CREATE DATABASE later')
    onTestFinished(async () => void (await server.sql('DROP DATABASE later WITH (FORCE)')))
    expect(await one.entries(['backend'])).toEqual([])
  })
})

describe.each<[string, () => Promise<{ texts: KeptTexts; again: () => KeptTexts }>]>([
  [
    'in files',
    async () => {
      const folder = join(temporaryFolder(), 'not there yet')
      return { texts: keptTexts(folder), again: () => keptTexts(folder) }
    },
  ],
  [
    'on PostgreSQL',
    async () => {
      const server = await startPostgres({ commits: 'to-disk' })
      onTestFinished(() => server.stop())
      const open = () => {
        const texts = postgresTexts(serverAt(server.url))
        onTestFinished(() => texts.close())
        return texts
      }
      return { texts: open(), again: open }
    },
  ],
])('small texts %s', (_, start) => {
  test('are there for whoever comes next, each under its name, the last one that was written', async () => {
    const { texts, again } = await start()
    expect(await texts.read('readiness')).toBeNull()
    await texts.write('readiness', '{"a": "ä 🚒"}')
    await texts.write('rehearsals', '{}')
    await again().write('readiness', '{"a": 2}')
    expect(await texts.read('readiness')).toBe('{"a": 2}')
    expect(await again().read('rehearsals')).toBe('{}')
    expect(await texts.read('drills')).toBeNull()
  })
})
