import { describe, expect, test } from 'vitest'
import { MAX_STATES } from '../../../src/domain/workload/ledger.ts'
import type { LedgerEntry, ReleaseLedger } from '../../../src/ports/release-ledger.ts'
import { before, entry, image, MINUTE } from '../ledger.ts'
import { faultOf } from './outside.ts'

export type LedgerSubject = {
  /** An empty ledger, gone after the test. */
  readonly start: () => Promise<{
    readonly ledger: ReleaseLedger
    /** Another one who has the same ledger. */
    readonly connect: () => Promise<ReleaseLedger>
  }>
}

/** A state of a build of its own, seen until so many minutes ago. */
function state(minutes: number, changes: Partial<LedgerEntry> = {}): LedgerEntry {
  return entry({
    image: image(`shop/backend:v${minutes}`),
    lastSeenAt: before(minutes * MINUTE),
    ranMs: MINUTE,
    ...changes,
  })
}

/** What every ledger promises, whatever it is kept in. */
export function releaseLedgerContract(subject: LedgerSubject): void {
  test('what is put is there for every other reader, as it was given', async () => {
    const { ledger, connect } = await subject.start()
    const full = state(1, {
      labels: {
        version: '1.9.0',
        commit: '3f2a91c',
        source: 'ä 🚒',
        authors: 'Ana',
        builtAt: before(0),
      },
      image: { ...image('shop/backend:v1'), digest: null },
      references: ['shop/backend:v1', 'shop/backend:stable'],
      hasHealthCheck: true,
      healthyMs: 30_000.5,
      lastHealthyAt: before(MINUTE),
      healthyIn: ['c-1', 'c-2'],
    })
    await ledger.put([full])
    expect(await (await connect()).entries(['backend'])).toEqual([full])
  })

  test('the newest come first, and only of the services that are asked for', async () => {
    const { ledger } = await subject.start()
    expect(await ledger.entries(['backend'])).toEqual([])
    const mine = [state(3), state(1), state(2, { host: 'web-2' })]
    await ledger.put([...mine, state(0, { service: 'frontend' })])
    expect(await ledger.entries(['backend'])).toEqual([mine[1], mine[2], mine[0]])
    expect(await ledger.entries(['frontend', 'backend'])).toHaveLength(4)
    expect(await ledger.entries([])).toEqual([])
    expect(await ledger.entries(["'); DROP TABLE states --"])).toEqual([])
  })

  test('one of the same service, host, image and hash is put in its place, and no other', async () => {
    const { ledger, connect } = await subject.start()
    const first = state(5)
    const others = [
      state(5, { service: 'frontend' }),
      state(5, { host: 'web-2' }),
      state(5, { sha256: 'settings-2' }),
      state(5, { image: image('shop/backend:v5', 'another build') }),
    ]
    await ledger.put([first, ...others])
    const later = { ...first, lastSeenAt: before(0), ranMs: 6 * MINUTE }
    await (await connect()).put([later])
    await ledger.put([])
    const all = await ledger.entries(['backend', 'frontend'])
    expect(all).toHaveLength(1 + others.length)
    expect(all[0]).toEqual(later)
    expect(all).toEqual(expect.arrayContaining(others))
  })

  describe('made of what another process has put over since', () => {
    test.each<[string, LedgerEntry[], LedgerEntry[]]>([
      ['a state that it knew', [state(5)], [{ ...state(5), ranMs: 2 * MINUTE }]],
      ['a state that it did not know', [], [state(5)]],
    ])('%s, nothing is put', async (_, there, since) => {
      const { ledger, connect } = await subject.start()
      await ledger.put(there)
      const known = await ledger.entries(['backend'])
      const other = await connect()
      await other.put(since, await other.entries(['backend']))
      const late = [{ ...state(5), ranMs: 9 * MINUTE }, state(1)]
      expect(await faultOf(ledger.put(late, known))).toMatchObject({
        kind: 'retryable',
        dependency: 'release ledger',
        detail: 'another Backout has recorded releases since they were read',
      })
      expect(await ledger.entries(['backend'])).toEqual(since)
    })

    test('other states are put all the same', async () => {
      const { ledger, connect } = await subject.start()
      await ledger.put([state(5)])
      const known = await ledger.entries(['backend'])
      await (await connect()).put([state(7)])
      await ledger.put([{ ...state(5), ranMs: 9 * MINUTE }, state(1)], known)
      const all = await ledger.entries(['backend'])
      expect(all.map(({ ranMs }) => ranMs / MINUTE)).toEqual([1, 9, 1])
    })
  })

  describe(`of a service on a host ${MAX_STATES} states are kept, and the oldest go`, () => {
    const brief = Array.from({ length: MAX_STATES + 10 }, (_, n) => state(n + 1))
    const timesOf = async (ledger: ReleaseLedger) =>
      (await ledger.entries(['backend'])).map(({ lastSeenAt }) => lastSeenAt)

    test('put at once or one by one', async () => {
      const { ledger } = await subject.start()
      for (const one of brief.toReversed()) await ledger.put([one])
      const newest = brief.slice(0, MAX_STATES).map(({ lastSeenAt }) => lastSeenAt)
      expect(await timesOf(ledger)).toEqual(newest)
    })

    test('but never what was put just now, however old it is', async () => {
      const { ledger } = await subject.start()
      await ledger.put(brief.slice(0, MAX_STATES))
      const old = state(10_000)
      await ledger.put([old])
      const times = await timesOf(ledger)
      expect(times).toHaveLength(MAX_STATES)
      expect(times.at(-1)).toBe(old.lastSeenAt)
    })

    test('but never the newest five that ran for 10 minutes', async () => {
      const { ledger } = await subject.start()
      const proved = [1_001, 1_002, 1_003, 1_004, 1_005, 1_006].map((minutes) =>
        state(minutes, { ranMs: 10 * MINUTE }),
      )
      await ledger.put(proved)
      for (const one of brief.toReversed()) await ledger.put([one])
      const newest = [...brief.slice(0, MAX_STATES - 5), ...proved.slice(0, 5)]
      expect(await timesOf(ledger)).toEqual(newest.map(({ lastSeenAt }) => lastSeenAt))
    })

    test('and other services and hosts have room of their own', async () => {
      const { ledger } = await subject.start()
      const elsewhere = [state(2_000, { host: 'web-2' }), state(2_000, { service: 'frontend' })]
      await ledger.put(elsewhere)
      for (const one of brief.toReversed()) await ledger.put([one])
      const all = await ledger.entries(['backend', 'frontend'])
      expect(all).toHaveLength(MAX_STATES + 2)
      expect(all).toEqual(expect.arrayContaining(elsewhere))
    })
  })
}
