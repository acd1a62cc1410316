import { join } from 'node:path'
import { expect, test } from 'vitest'
import { IllegalEvent } from '../../../src/domain/incident/illegal-event.ts'
import { incidentLog } from '../../../src/engine/journal/incident-log.ts'
import { declared, opened } from '../../support/builders.ts'
import { openJournal, temporaryFolder } from '../../support/journal.ts'

test('one incident that cannot be read keeps back no news of the others (J3)', async () => {
  const file = join(temporaryFolder(), 'journal.sqlite')
  const incidents = incidentLog(openJournal(file), { reach() {} })
  expect(await incidents.follow()).toEqual([])

  const another = openJournal(file)
  await another.append({ incident: 'i-1', seen: 0, events: [opened, declared, declared] })
  await another.append({ incident: 'i-2', seen: 0, events: [opened, declared] })

  expect(await incidents.follow()).toEqual(['i-1', 'i-2'])
  expect(incidents.open().map(({ id }) => id)).toEqual(['i-2'])
  await expect(incidents.load('i-1')).rejects.toThrow(IllegalEvent)
})
