import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { verifyJournal } from '../../../src/adapters/sqlite/verify-journal.ts'
import { opened, requested } from '../../support/builders.ts'
import { anotherProcess, openJournal, temporaryFolder } from '../../support/journal.ts'

let file: string
beforeEach(() => {
  file = join(temporaryFolder(), 'journal.sqlite')
})

const first = { incident: 'i-1', seen: 0, events: [opened] }

describe('the file', () => {
  const mode = (end = '') => statSync(file + end).mode & 0o777

  test('is nobody else’s business, also one that was too open', async () => {
    await openJournal(file).append(first)
    expect(mode()).toBe(0o600)
    chmodSync(file, 0o664)
    openJournal(file)
    expect(mode()).toBe(0o600)
  })

  test('nor are those that SQLite keeps beside it, from the beginning', async () => {
    const before = process.umask(0o022)
    onTestFinished(() => void process.umask(before))
    await openJournal(file).append(first)
    expect(['', '-wal', '-shm'].map(mode)).toEqual([0o600, 0o600, 0o600])
    chmodSync(`${file}-wal`, 0o644)
    chmodSync(`${file}-shm`, 0o644)
    openJournal(file)
    expect(['', '-wal', '-shm'].map(mode)).toEqual([0o600, 0o600, 0o600])
  })

  test('that somebody made read-only stays so', () => {
    openJournal(file).close()
    chmodSync(file, 0o444)
    openJournal(file)
    expect(mode()).toBe(0o400)
  })
})

describe('the chain', () => {
  test('is one, whoever appends', async () => {
    const [one, other] = [openJournal(file), openJournal(file)]
    await one.append(first)
    await other.append({ incident: 'i-1', seen: 1, events: [requested] })
    await one.append({ incident: 'i-2', seen: 0, events: [opened] })
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 3 })
  })

  test('is one through a turn in which not everybody succeeds', async () => {
    const journal = openJournal(file)
    await Promise.all([
      journal.append({ ...first, delivery: 'd-1' }),
      journal.append({ incident: 'i-2', seen: 0, events: [opened], delivery: 'd-1' }),
      journal.append({ incident: 'i-1', seen: 7, events: [requested] }),
      journal.append({ incident: 'i-2', seen: 0, events: [opened, requested] }),
    ])
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 3 })
  })

  test('is one after three processes raced, and nothing is lost', async () => {
    openJournal(file).close()
    const racers = [1, 2, 3].map(() => anotherProcess('race', file))
    for (const { said, complained } of await Promise.all(racers.map(({ ended }) => ended))) {
      expect({ said, complained }).toEqual({ said: '50\n', complained: '' })
    }
    expect(verifyJournal(file)).toMatchObject({ kind: 'intact', events: 150 })
    const events = await openJournal(file).read('shared')
    const sequences = events.map(({ sequence }) => sequence)
    expect(sequences).toEqual(Array.from({ length: 150 }, (_, index) => index + 1))
  })
})
