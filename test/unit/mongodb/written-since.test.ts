import { Timestamp, type Document } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { patience } from '../../support/contracts/outside.ts'
import { refusing, replicaSet, type Says } from '../../support/replica-set.ts'

const kept = '__rb_20261122-abcd_p3_old__projects'
const names = ['projects', 'users']
/** What the log has come to when it is asked: see `replica-set.ts`. */
const now = { t: 100, i: 5 }

const tokenOf = ({ t, i }: { t: number; i: number }) => ({
  _data: `82${[t, i].map((one) => one.toString(16).padStart(8, '0').toUpperCase()).join('')}2B04`,
})

const event = (
  operationType: string,
  coll: string,
  at = { t: 100, i: 1 },
  more: Document = {},
) => ({
  _id: tokenOf(at),
  operationType,
  ns: { db: 'es', coll },
  clusterTime: new Timestamp(at),
  ...more,
})

/** A log that is read in these batches, each as far as its last event, and the last one as far as `until`. */
function logOf(batches: readonly (readonly Document[])[], until = now): Says {
  let next = 0
  const batch = (name: 'firstBatch' | 'nextBatch') => {
    const events = batches[next] ?? []
    next += 1
    const isLast = next >= batches.length
    const postBatchResumeToken = isLast
      ? tokenOf(until)
      : (events.at(-1)?.['_id'] ?? tokenOf({ t: 99, i: 0 }))
    return { cursor: { id: 9n, ns: 'es.$cmd.aggregate', [name]: events, postBatchResumeToken } }
  }
  return { aggregate: () => batch('firstBatch'), getMore: () => batch('nextBatch') }
}

const since = async (says: Says, moment = '99:7') => {
  const { collections, sent } = await replicaSet(says)
  return { found: await collections.writtenSince(moment, names, AbortSignal.timeout(20_000)), sent }
}

describe('what others have written', () => {
  test('is counted from right after the moment, of these collections', async () => {
    const { found, sent } = await since(
      logOf([
        [event('insert', 'projects'), event('update', 'projects')],
        [],
        [event('delete', 'users'), event('replace', 'projects')],
      ]),
    )
    expect(found).toEqual({
      kind: 'counted',
      writes: [
        { name: 'projects', writes: 3 },
        { name: 'users', writes: 1 },
      ],
    })
    const [{ $changeStream }, { $match }] = sent('aggregate')[0]?.['pipeline'] ?? []
    expect($changeStream.startAtOperationTime).toEqual(new Timestamp({ t: 99, i: 8 }))
    expect($match).toEqual({ 'ns.coll': { $in: names } })
  })

  test('ends where the log ended when it was asked', async () => {
    const later = event('insert', 'projects', { t: 101, i: 1 })
    const { found } = await since(logOf([[event('insert', 'projects'), later]], { t: 102, i: 0 }))
    expect(found).toEqual({ kind: 'counted', writes: [{ name: 'projects', writes: 1 }] })
  })

  test('is not counted before the log was read as far as that', async () => {
    const { found, sent } = await since(logOf([[], [], [], [event('insert', 'users')], []]))
    expect(found).toEqual({ kind: 'counted', writes: [{ name: 'users', writes: 1 }] })
    expect(sent('getMore').length).toBeGreaterThanOrEqual(3)
  })

  test('has no renames of ours in it, and has those of others', async () => {
    const to = (coll: string) => ({ to: { db: 'es', coll } })
    const { found } = await since(
      logOf([
        [
          event('rename', 'projects', { t: 100, i: 1 }, to(kept)),
          event('rename', 'users', { t: 100, i: 2 }, to('people')),
        ],
      ]),
    )
    expect(found).toEqual({ kind: 'counted', writes: [{ name: 'users', writes: 1 }] })
  })

  test.each([
    [286, 'ChangeStreamHistoryLost', 'begins later'],
    [13, 'Unauthorized', 'changeStream'],
  ])('is not known, and not zero: %d, %s', async (code, name, because) => {
    const { found } = await since({ aggregate: refusing(code, name) })
    expect(found).toEqual({ kind: 'not-known', because: expect.stringContaining(because) })
  })

  test('is not counted for ever', async () => {
    const batch = Array.from({ length: 20_000 }, () => event('insert', 'users'))
    const { found } = await since(logOf(Array.from({ length: 4 }, () => batch)))
    expect(found).toEqual({
      kind: 'not-known',
      because: 'more than 50,000 documents were written since',
    })
  })

  test('is heard while nobody should write', async () => {
    const { collections } = await replicaSet(logOf([[event('insert', 'projects')]]))
    const heard = await collections.quiet(names, 20, patience())
    expect(heard).toEqual({ kind: 'counted', writes: [{ name: 'projects', writes: 1 }] })
  })

  test('is counted from a mark that the server itself gives', async () => {
    const { collections } = await replicaSet()
    expect(await collections.moment(patience())).toBe('100:5')
  })

  test('is not known where there is no set', async () => {
    const { collections } = await replicaSet({}, { setName: undefined, hosts: undefined })
    expect(await collections.moment(patience())).toBe(null)
    const found = await collections.writtenSince('99:7', names, patience())
    expect(found).toMatchObject({ kind: 'not-known' })
  })
})
