import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { checkpointSigner } from '../../../src/compose/checkpoint-key.ts'
import { signedText, type Checkpoint } from '../../../src/domain/incident/checkpoint.ts'
import type { Event } from '../../../src/domain/incident/event.ts'
import { chained, GENESIS, type HashedRow } from '../../../src/journal/chain.ts'
import { keyId, type HeldAgainst } from '../../../src/journal/prove-checkpoints.ts'
import { proving } from '../../../src/journal/prove.ts'
import { closed, declared, opened, requested, taken } from '../../support/builders.ts'

const ours = generateKeyPairSync('ed25519')
const strange = generateKeyPairSync('ed25519')
const AT = '2026-11-22T03:12:07.000Z'

const pemOf = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString()

/** A journal of one incident, its chain as whoever writes it would make it. */
function journalOf(events: readonly Event[]): HashedRow[] {
  let hash = GENESIS
  return events.map((event, index) => {
    const position = index + 1
    const body = JSON.stringify(event)
    const row = { position, incident: 'i-1', sequence: position, at: AT, delivery: null, body }
    const typed = { ...row, type: event.type }
    hash = chained(hash, typed)
    return { ...typed, hash }
  })
}

const LIFE: readonly Event[] = [opened, declared, requested, taken, closed]

/** Ends with a checkpoint over all before it. */
function checkpointed(
  events: readonly Event[],
  key: KeyObject | null,
  forge: Partial<Checkpoint> = {},
) {
  const rows = journalOf(events)
  const last = rows.at(-1)!
  const plain = { of: 'closed', position: last.position, hash: last.hash, ...forge } as const
  const signed = key ? { signed: checkpointSigner(pemOf(key))(signedText('i-1', plain)) } : {}
  return journalOf([...events, { type: 'checkpoint-taken', checkpoint: { ...plain, ...signed } }])
}

function proofOf(rows: readonly unknown[], outside: Partial<HeldAgainst> = {}) {
  const proof = proving({ anchors: [], publicKeys: [], ...outside })
  for (const row of rows) {
    const broken = proof.next(row)
    if (broken) return broken
  }
  return proof.end()
}

const anchorOf = ({ position, hash }: HashedRow) => ({ position, hash, where: 'the thread of i-1' })
/** The same incident, told otherwise, with a chain that is right in itself. */
const REWRITTEN: readonly Event[] = [
  opened,
  { ...declared, title: 'Nothing' } as Event,
  requested,
  taken,
  closed,
]

describe('held against what a thread was told', () => {
  const rows = journalOf(LIFE)

  test('a journal that is what it was is intact, and more may follow', () => {
    for (const row of rows) {
      expect(proofOf(rows, { anchors: [anchorOf(row)] })).toMatchObject({ kind: 'intact' })
    }
  })

  test('whatever is cut off at its end is missed, and nothing else of it', () => {
    for (let kept = 0; kept < rows.length; kept += 1) {
      expect(proofOf(rows.slice(0, kept))).toMatchObject({ kind: 'intact', events: kept })
      expect(proofOf(rows.slice(0, kept), { anchors: [anchorOf(rows.at(-1)!)] })).toEqual({
        kind: 'broken',
        position: kept + 1,
        incident: 'unknown',
        what: 'the thread of i-1 was told of event 5: the newest events are missing',
      })
    }
  })

  test('a chain that was made anew is found, though it is right in itself', () => {
    const other = journalOf(REWRITTEN)
    expect(proofOf(other)).toMatchObject({ kind: 'intact' })
    for (const row of rows.slice(1)) {
      expect(proofOf(other, { anchors: [anchorOf(row)] })).toMatchObject({
        kind: 'broken',
        position: row.position,
        what: 'the thread of i-1 was told of another event: it was rewritten',
      })
    }
  })
})

describe('held against the key of the installation', () => {
  const publicKeys = [ours.publicKey]
  const signed = checkpointed(LIFE, ours.privateKey)

  test('what it has signed is intact, and says how far', () => {
    expect(proofOf(signed, { publicKeys })).toMatchObject({ kind: 'intact', checkpointed: 5 })
  })

  test('a rewrite that keeps the old signature is found', () => {
    const old: Checkpoint = JSON.parse(signed.at(-1)!.body).checkpoint
    const rows = checkpointed(REWRITTEN, null, { signed: old.signed! })
    expect(proofOf(rows)).toMatchObject({ kind: 'intact' })
    expect(proofOf(rows, { publicKeys })).toMatchObject({
      kind: 'broken',
      position: 6,
      what: 'it is a checkpoint whose signature does not match',
    })
  })

  test('a rewrite that keeps the whole checkpoint is found by its hash', () => {
    const event: Event = JSON.parse(signed.at(-1)!.body)
    expect(proofOf(journalOf([...REWRITTEN, event]))).toMatchObject({
      kind: 'broken',
      position: 6,
      what: 'it is a checkpoint of another event 5',
    })
  })

  test('one that is signed with another key is found', () => {
    expect(proofOf(checkpointed(REWRITTEN, strange.privateKey), { publicKeys })).toMatchObject({
      kind: 'broken',
      what: `it is a checkpoint signed with key ${keyId(strange.publicKey)}, which was not given`,
    })
  })

  test.each([{ of: 'signed', plan: 1 }, { plan: 1 }] as const)(
    'a signature for another moment does not do for %j',
    (forge) => {
      const old: Checkpoint = JSON.parse(signed.at(-1)!.body).checkpoint
      const event: Event = { type: 'checkpoint-taken', checkpoint: { ...old, ...forge } }
      expect(proofOf(journalOf([...LIFE, event]), { publicKeys })).toMatchObject({
        what: 'it is a checkpoint whose signature does not match',
      })
    },
  )

  test('one that nobody has signed covers nothing', () => {
    const rows = checkpointed(LIFE, null)
    expect(proofOf(rows)).toMatchObject({ kind: 'intact', checkpointed: 5 })
    expect(proofOf(rows, { publicKeys })).toMatchObject({ kind: 'intact', checkpointed: 0 })
  })

  test('of an earlier key it is enough that its public half is given too', () => {
    const keys = [strange.publicKey, ours.publicKey]
    expect(proofOf(signed, { publicKeys: keys })).toMatchObject({ kind: 'intact', checkpointed: 5 })
  })
})
