import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkJournalPlace, leftBehind } from '../../src/compose/open-journal.ts'
import { Environment } from '../../src/config/environment.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { bareSettingsIn } from '../support/bare-settings.ts'
import { filledJournal, temporaryFolder } from '../support/journal.ts'

test('a journal in a file is told of, when the one on a server is used', async () => {
  const folder = temporaryFolder()
  const environment = Environment.parse({ BACKOUT_DATA: folder })
  expect(leftBehind({ environment })).toEqual([])
  const file = join(folder, 'journal.sqlite')
  await filledJournal(file)
  expect(leftBehind({ environment })).toMatchObject([
    { state: 'careful', found: `${file} is there too, and nobody reads it` },
  ])
  const beside = ['second-factor.sqlite', 'releases.sqlite'].map((name) => join(folder, name))
  for (const one of beside) writeFileSync(one, '')
  expect(leftBehind({ environment }).map(({ found }) => found)).toEqual(
    [file, ...beside].map((one) => `${one} is there too, and nobody reads it`),
  )
})

test('with a journal on a server, doctor says where evidence is, and never that others have it too', async () => {
  const folder = temporaryFolder()
  const checked = (more: Readonly<Record<string, string>>) => {
    const variables = { BACKOUT_DATA: folder, ...more }
    return checkJournalPlace(loadConfig({ file: bareSettingsIn(folder), variables, needs: [] }))
  }
  const where = 'where evidence and reports are'
  expect((await checked({})).filter(({ tried }) => tried === where)).toEqual([])
  const server = { BACKOUT_DATABASE_URL: 'postgres://u:p@127.0.0.1:1/backout' }
  const [told] = (await checked(server)).filter(({ tried }) => tried === where)
  expect(told).toMatchObject({
    state: 'careful',
    found: expect.stringMatching(/ of the process that acts.* cannot be seen from here$/),
    todo: expect.stringContaining('all of them have this folder'),
  })
  expect(told?.found).toContain(folder)
})
