import { appendFileSync, writeFileSync } from 'node:fs'
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
  const people = join(folder, 'second-factor.sqlite')
  writeFileSync(people, '')
  expect(leftBehind({ environment })[1]).toMatchObject({
    found: `${people} is there too, and nobody reads it`,
  })
})

test('with a journal on a server, doctor says where evidence is, and never that others have it too', async () => {
  const folder = temporaryFolder()
  const checked = (variables: Readonly<Record<string, string>>, more = '') => {
    const file = bareSettingsIn(folder)
    appendFileSync(file, more)
    return checkJournalPlace(
      loadConfig({ file, variables: { BACKOUT_DATA: folder, ...variables }, needs: [] }),
    )
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
  // The releases of Docker hosts are refused on a disk that several have.
  const docker = `procedures:
  docker:
    hosts: { shop-1: { address: "unix:///var/run/docker.sock" } }
    services: { backend: { project: shop, service: backend } }
`
  const ofHosts = (await checked(server, docker)).find(({ tried }) => tried === where)
  expect(ofHosts?.todo).toContain('each folder on a disk of its own')
})
