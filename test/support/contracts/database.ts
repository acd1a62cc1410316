import { describe, expect, test } from 'vitest'
import type { Database } from '../../../src/ports/database.ts'
import { outsideContract, patience } from './outside.ts'
import type { Outside } from './outside.ts'

export type DatabaseSubject = Outside<Database> & {
  /** A deployment with a primary that takes writes. */
  readonly start: () => Promise<Database>
}

export function databaseContract(name: string, subject: DatabaseSubject): void {
  describe(`${name} keeps the promises of Database`, () => {
    test('a ping tells how many milliseconds it took', async () => {
      const ms = await (await subject.start()).ping(patience())
      expect(ms).toBeGreaterThan(0)
      expect(ms).toBeLessThan(1_000)
    })

    test('a server that takes writes is well and its primary is writable', async () => {
      const status = await (await subject.start()).status(patience())
      expect(status).toMatchObject({ ok: true, writablePrimary: true })
    })

    test('connections are counted, or not known; never zero for not known', async () => {
      const { connections } = await (await subject.start()).status(patience())
      if (connections === null) return
      expect(connections.current).toBeGreaterThan(0)
      expect(connections.available).toBeGreaterThanOrEqual(0)
    })

    test('its report is JSON about its databases', async () => {
      const text = await (await subject.start()).report(patience())
      expect(JSON.parse(text)).toEqual({
        databases: expect.any(Array),
        leftOut: expect.any(Number),
      })
    })

    outsideContract(subject, {
      'a ping': (database, signal) => database.ping(signal),
      'its status': (database, signal) => database.status(signal),
      'its report': (database, signal) => database.report(signal),
    })
  })
}
