import { describe, expect, test } from 'vitest'
import { databaseAddress, databaseAddressProblem } from '../../src/config/database-address.ts'

describe('the address of the database of the journal', () => {
  test.each([
    [
      'postgres://backout:s%3Acret@db.example/journal',
      { hosts: [{ host: 'db.example', port: 5432 }], password: 's:cret', tls: true },
    ],
    [
      'postgresql://backout@db-1:5433,db-2:5434/journal?target_session_attrs=read-write',
      {
        hosts: [
          { host: 'db-1', port: 5433 },
          { host: 'db-2', port: 5434 },
        ],
        password: null,
        tls: true,
      },
    ],
    [
      'postgres://backout@[::1]:5433/journal',
      { hosts: [{ host: '::1', port: 5433 }], password: null, tls: false },
    ],
    [
      'postgres://backout@127.0.0.1/journal?sslmode=verify-full',
      { hosts: [{ host: '127.0.0.1', port: 5432 }], password: null, tls: true },
    ],
    [
      'postgres://backout@/journal?host=/run/postgresql',
      { hosts: [{ host: '/run/postgresql', port: 5432 }], password: null, tls: false },
    ],
  ])('%s', (address, parts) => {
    expect(databaseAddressProblem(address)).toBeNull()
    expect(databaseAddress(address)).toEqual({ database: 'journal', user: 'backout', ...parts })
  })

  test.each([
    ['mysql://backout@db/journal', 'must be like'],
    ['postgres://db/journal', 'must be like'],
    ['postgres://backout@db', 'must be like'],
    ['postgres://backout@/journal', 'must be like'],
    ['postgres://backout@db:x/journal', 'must be like'],
    ['postgres://back%out@db/journal', 'must be like'],
    ['postgres://backout:secret@db/journal?sslmode=disable', 'must not switch TLS off'],
    ['postgres://backout:secret@db/journal?sslmode=prefer', 'sslmode'],
    ['postgres://backout:secret@127.0.0.1,db/journal?sslmode=disable', 'must not switch TLS off'],
    ['postgres://backout:secret@db/journal?options=-csearch_path', 'options'],
  ])('%s is refused, without a word of its secret', (address, words) => {
    const problem = databaseAddressProblem(address)
    expect(problem).toContain(words)
    expect(problem).not.toContain('secret')
  })
})
