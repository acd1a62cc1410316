import { describe, expect, test } from 'vitest'
import { guarded } from '../../../src/adapters/sqlite/database.ts'
import { faultOf } from '../../support/journal.ts'

const sqlite = (errcode: number) => Object.assign(new Error('what SQLite says'), { errcode })

describe('what SQLite says, in words (https://www.sqlite.org/rescode.html)', () => {
  test.each([
    ['SQLITE_BUSY', 5, 'retryable', 'locked by another process'],
    ['SQLITE_BUSY_SNAPSHOT', 517, 'retryable', 'locked by another process'],
    ['SQLITE_LOCKED', 6, 'retryable', 'locked by another process'],
    ['SQLITE_READONLY', 8, 'terminal', 'read-only'],
    ['SQLITE_READONLY_DIRECTORY', 1_544, 'terminal', 'read-only'],
    ['SQLITE_IOERR_WRITE', 778, 'terminal', 'the disk reports an error'],
    ['SQLITE_CORRUPT', 11, 'terminal', 'damaged'],
    ['SQLITE_FULL', 13, 'retryable', 'the disk is full'],
    ['SQLITE_CANTOPEN', 14, 'terminal', 'cannot be opened'],
    ['SQLITE_NOTADB', 26, 'terminal', 'is not a journal'],
    ['SQLITE_CONSTRAINT', 19, 'terminal', 'what SQLite says'],
  ] as const)('%s', async (_name, errcode, kind, words) => {
    const fault = await faultOf(() =>
      guarded('/data/journal.sqlite', () => {
        throw sqlite(errcode)
      }),
    )
    expect(fault).toMatchObject({ kind, dependency: 'journal' })
    expect(fault.detail).toContain(words)
    expect(fault.detail).toContain('/data/journal.sqlite')
  })
})
