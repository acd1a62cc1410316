import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { leftBehind } from '../../src/compose/open-journal.ts'
import { Environment } from '../../src/config/environment.ts'
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
