import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkIncidents } from '../../src/compose/doctor-incidents.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { bareSettingsIn } from '../support/bare-settings.ts'
import { dataFolder } from '../support/bot.ts'
import { declared, opened } from '../support/builders.ts'
import { openJournal } from '../support/journal.ts'

const moonRose = { type: 'moon-rose' } as unknown as Event

async function checked(...events: readonly Event[]) {
  const folder = dataFolder()
  const journal = openJournal(join(folder, 'journal.sqlite'))
  for (const [incident, all] of Object.entries({ 'i-1': events, 'i-2': [opened, declared] })) {
    // oxlint-disable-next-line no-await-in-loop -- in this order
    await journal.append({ incident, seen: 0, events: all })
  }
  journal.close()
  const variables = { BACKOUT_DATA: folder }
  return checkIncidents(loadConfig({ file: bareSettingsIn(folder), variables, needs: [] }))
}

test('that all incidents can be read is said', async () => {
  expect(await checked(opened, declared)).toMatchObject([{ state: 'ok', found: '2, all of them' }])
})

test('an incident in which a newer version has written is named, with what to do', async () => {
  const [check, ...others] = await checked(opened, declared, moonRose)
  expect(others).toEqual([])
  expect(check).toMatchObject({ state: 'wrong' })
  expect(JSON.stringify(check)).toMatch(
    /incident i-1: a newer version.*moon-rose.*end those of the older one/,
  )
})

test('an incident whose events cannot follow one another is named, and not taken for a newer one', async () => {
  const [check] = await checked(opened, declared, declared)
  expect(JSON.stringify(check)).toMatch(/incident i-1: .*run verify-journal/)
})
