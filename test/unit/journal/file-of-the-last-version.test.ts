import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import { foldIncident } from '../../../src/domain/incident/fold.ts'
import { postedAs } from '../../../src/domain/incident/incident.ts'
import { requested } from '../../support/builders.ts'
import { openJournal, temporaryFolder } from '../../support/journal.ts'
import { journalFileOfTheLastVersion } from '../../support/last-version.ts'

test('the journal file of the last version opens, verifies, and goes on', async () => {
  const file = join(temporaryFolder(), 'journal.sqlite')
  writeFileSync(file, journalFileOfTheLastVersion())
  const before = verifyJournal(file)
  expect(before).toMatchObject({ kind: 'intact' })

  const journal = openJournal(file)
  expect(await journal.open()).toEqual(['20261122-running'])
  expect(await journal.declared()).toEqual(['20261122-running', '20261122-closed'])
  const incident = foldIncident('20261122-running', await journal.read('20261122-running'))
  expect(incident.plans[0]?.run).toMatchObject({ ended: null })
  const { channel, ts } = postedAs(incident, 'headline')!
  expect(await journal.inThread(channel, ts)).toBe('20261122-running')

  const position = (await journal.head()).position
  const holds = { plan: 1, targets: incident.plans[0]?.plan?.targets ?? [] }
  const append = { incident: incident.id, seen: incident.sequence, events: [requested], holds }
  expect((await journal.append(append)).kind).toBe('appended')
  const other = { ...append, incident: '20261122-closed', seen: 'any' as const }
  expect(await journal.append(other)).toEqual({
    kind: 'held',
    by: { incident: incident.id, plan: 1 },
  })
  expect((await journal.follow(position)).events).toEqual([
    expect.objectContaining({ incident: incident.id, event: requested }),
  ])
  journal.close()
  expect(verifyJournal(file)).toMatchObject({
    kind: 'intact',
    events: before.kind === 'intact' ? before.events + 1 : 0,
  })
})
