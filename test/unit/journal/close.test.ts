import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, test } from 'vitest'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import { opened } from '../../support/builders.ts'
import { faultOf, openJournal, temporaryFolder } from '../../support/journal.ts'

let file: string
beforeEach(() => {
  file = join(temporaryFolder(), 'journal.sqlite')
})

const first = (incident: string) => ({ incident, seen: 0, events: [opened] })

describe('a journal that is closed', () => {
  test('has written what was queued, and has said so', async () => {
    const journal = openJournal(file)
    const asked = ['i-1', 'i-2'].map((incident) => journal.append(first(incident)))
    journal.close()
    const told = await Promise.all(asked)
    expect(told.map(({ kind }) => kind)).toEqual(['appended', 'appended'])
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 2 })
  })

  test('tells everybody who waits when it cannot write what was queued', async () => {
    const journal = openJournal(file)
    using other = new DatabaseSync(file)
    other.exec('BEGIN IMMEDIATE')
    const asked = ['i-1', 'i-2'].map((incident) => faultOf(() => journal.append(first(incident))))
    journal.close()
    const [one, two] = await Promise.all(asked)
    expect(one).toMatchObject({ kind: 'retryable' })
    expect(two).toBe(one)
  })

  test('answers nothing any more, and says why', async () => {
    const journal = openJournal(file)
    journal.close()
    const questions = [
      () => journal.append(first('i-1')),
      () => journal.read('i-1'),
      () => journal.follow(0),
      () => journal.head(),
      () => journal.declared(),
      () => journal.open(),
      () => journal.inThread('C', '1'),
      () => journal.recent(1),
      () => journal.check(),
    ]
    for (const ask of questions) {
      const fault = await faultOf(ask)
      expect(fault).toMatchObject({ kind: 'terminal', dependency: 'journal' })
      expect(fault.detail).toContain('is closed')
    }
  })

  test('can be closed once more', () => {
    const journal = openJournal(file)
    journal.close()
    expect(() => journal.close()).not.toThrow()
  })
})
