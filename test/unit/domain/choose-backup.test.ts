import { describe, expect, test } from 'vitest'
import type { Backup, BackupManifest } from '../../../src/domain/data/backup.ts'
import { chooseBackup, type Wanted } from '../../../src/domain/data/choose-backup.ts'

const HOUR_MS = 60 * 60_000
const nowMs = Date.parse('2026-11-22T03:12:00Z')
const ago = (hours: number) => new Date(nowMs - hours * HOUR_MS).toISOString()
const began = ago(0.5)

const contents = (name: string) => {
  return { name, documents: 1, bytes: 10, hash: '0'.repeat(32), indexes: [], options: {} }
}

function manifest(id: string, at: string, changes: Partial<BackupManifest> = {}): BackupManifest {
  return {
    schema: 1,
    id,
    purpose: 'found',
    incident: null,
    database: 'es',
    otherDatabases: [],
    collections: ['projects', 'organizations', 'users'].map(contents),
    dataAt: { at, exact: true },
    oneMoment: 'yes',
    node: 'mongo-1:27017',
    lagSeconds: 0,
    serverVersion: '7.0.14',
    toolVersion: '100.16.1',
    artefact: { kind: 'archive', gzip: false, bytes: 100, sha256: '0'.repeat(64), changedAt: at },
    verifiedAt: at,
    ...changes,
  }
}

type Changes = Partial<Omit<Backup, 'manifest'>> & {
  readonly manifest?: Partial<BackupManifest> | null
}

function backup(
  id: string,
  hours: number,
  { manifest: changes = {}, ...rest }: Changes = {},
): Backup {
  const at = ago(hours)
  const of = changes && manifest(id, at, changes)
  return { id, kind: 'archive', bytes: 100, changedAt: at, manifest: of, problem: null, ...rest }
}

const wanted: Wanted = {
  id: null,
  database: 'es',
  serverVersion: '7.0.20',
  collections: ['projects', 'organizations'],
  maxAgeMs: 48 * HOUR_MS,
  nowMs,
  beganAt: began,
  release: null,
}

const choose = (backups: readonly Backup[], changes: Partial<Wanted> = {}) =>
  chooseBackup(backups, { ...wanted, ...changes })

/** What is never restored, whoever names it. */
const NEVER: readonly (readonly [what: string, backup: Backup, because: RegExp])[] = [
  ['a link', backup('b', 3, { problem: 'it is a link' }), /it is a link/],
  ['an empty one', backup('b', 3, { problem: 'it is empty', manifest: null }), /it is empty/],
  [
    'one from after the trouble began',
    backup('b', 0.2),
    /it was made after the trouble began \(2026-11-2/,
  ],
  ['one from the very moment', backup('b', 0.5), /it was made after the trouble began/],
  [
    'one whose data is from after it, by its file alone',
    backup('b', 0.1, { manifest: null }),
    /it was made after the trouble began/,
  ],
  [
    'one of another database',
    backup('b', 3, { manifest: { database: 'crm' } }),
    /it is of the database crm, not of es/,
  ],
  [
    'one that shows two moments',
    backup('b', 3, { manifest: { oneMoment: 'no' } }),
    /it does not show one moment/,
  ],
  [
    'one with the accounts of the server',
    backup('b', 3, { manifest: { otherDatabases: ['admin', 'crm'] } }),
    /it holds the database admin too, with the accounts of the server, .*make one of this database alone/,
  ],
  [
    'one of another server major',
    backup('b', 3, { manifest: { serverVersion: '6.0.1' } }),
    /it is of server version 6\.0\.1, and this is 7\.0\.20/,
  ],
  [
    'one that lacks a collection',
    backup('b', 3, { manifest: { collections: [contents('projects')] } }),
    /it does not hold organizations/,
  ],
]

describe('never, by itself or by name', () => {
  test.each(NEVER)('%s', (_, one, because) => {
    const byItself = choose([one])
    expect(byItself).toMatchObject({ kind: 'none' })
    expect(byItself.because).toMatch(because)
    const named = choose([one], { id: 'b' })
    expect(named).toMatchObject({ kind: 'none' })
    expect(named.because).toMatch(because)
  })
})

/** What nobody gets who does not name it. */
const BY_NAME: readonly (readonly [
  what: string,
  hours: number,
  because: RegExp,
  Partial<Wanted>,
])[] = [
  [
    'one older than the settings take',
    49,
    /it is .* old, and the settings take none older than .*maxAgeHours/,
    {},
  ],
  [
    'one from after the release that may be the cause',
    3,
    /it was made after backend v2\.0\.0 came .* which may have damaged what it holds/,
    { release: { name: 'backend v2.0.0', at: ago(4) } },
  ],
]

describe('only by its name', () => {
  test.each(BY_NAME)('%s', (_, hours, because, wish) => {
    const one = backup('b', hours)
    expect(choose([one], wish)).toMatchObject({
      kind: 'none',
      because: expect.stringMatching(because),
    })
    const named = choose([one], { ...wish, id: 'b' })
    expect(named).toMatchObject({
      kind: 'chosen',
      backup: one,
      because: 'named by the person who asked',
    })
    expect('cautions' in named && named.cautions[0]).toMatch(/^b would not be taken by itself: it /)
    expect('cautions' in named && named.cautions[0]).toMatch(because)
  })

  test('exactly as old as the settings take is taken', () => {
    expect(choose([backup('b', 48)])).toMatchObject({ kind: 'chosen' })
  })

  test('what is not in the catalogue is said so', () => {
    expect(choose([backup('b', 3)], { id: 'latest' }).because).toBe('there is no backup latest')
  })
})

const CAUTIONS: readonly (readonly [what: string, backup: Backup, caution: RegExp])[] = [
  ['nobody has read it', backup('b', 3, { manifest: null }), /^Nobody has read b whole yet/],
  [
    'its moment is not exact',
    backup('b', 3, { manifest: { dataAt: { at: ago(3), exact: false } } }),
    /^Its data is of 2026-11-22 00:12 UTC at the latest, and may be older\.$/,
  ],
  [
    'it was copied from a server that was behind',
    backup('b', 3, { manifest: { lagSeconds: 1_800 } }),
    /^It was copied from a server that was 30 min behind\.$/,
  ],
  [
    'nothing tells whether it shows one moment',
    backup('b', 3, { manifest: { oneMoment: 'not-known' } }),
    /^Nothing tells whether it shows one moment/,
  ],
  [
    'it does not tell its server',
    backup('b', 3, { manifest: { serverVersion: null } }),
    /^It does not tell which version/,
  ],
]

describe('is chosen with a caution, where', () => {
  test.each(CAUTIONS)('%s', (_, one, caution) => {
    const chosen = choose([one])
    expect(chosen).toMatchObject({ kind: 'chosen', cautions: [expect.stringMatching(caution)] })
  })

  test('it is from the future', () => {
    const chosen = choose([backup('b', -1)], { beganAt: ago(-2) })
    const caution = expect.stringMatching(/^By its own time it is from the future/)
    expect(chosen).toMatchObject({ kind: 'chosen', cautions: [caution] })
  })

  test('nothing is to be said of one that tells everything', () => {
    expect(choose([backup('b', 3)])).toMatchObject({ kind: 'chosen', cautions: [] })
  })
})

describe('of several', () => {
  test('the newest verified one from before the trouble, and why not a newer one', () => {
    const chosen = choose([
      backup('old', 27),
      backup('unread', 2, { manifest: null }),
      backup('good', 3),
      backup('late', 0.1),
      backup('cut', 1, { problem: 'it was cut off' }),
    ])
    expect(chosen).toMatchObject({ kind: 'chosen', backup: { id: 'good' } })
    expect(chosen.because).toMatch(/^the newest verified backup from before the trouble began/)
    expect(chosen.because).toMatch(
      /late: it was made after .*; cut: it was cut off; unread: nobody has read it whole yet$/,
    )
  })

  test('by the time of its data, and not of its file', () => {
    const lagging = backup('lagging', 3, {
      changedAt: ago(1),
      manifest: { dataAt: { at: ago(5), exact: true } },
    })
    expect(choose([lagging, backup('exact', 4)])).toMatchObject({ backup: { id: 'exact' } })
  })

  test('one that nobody has read, where none is verified', () => {
    const chosen = choose([
      backup('one', 3, { manifest: null }),
      backup('two', 5, { manifest: null }),
    ])
    expect(chosen).toMatchObject({ kind: 'chosen', backup: { id: 'one' } })
    expect(chosen.because).toMatch(/^the newest backup from before/)
  })

  test('with none that may be used, each of the first five is told with its reason', () => {
    const cut = Array.from({ length: 7 }, (_, at) =>
      backup(`cut-${at}`, at + 1, { problem: 'it was cut off' }),
    )
    const { because } = choose(cut)
    expect(because).toMatch(/^no backup may be used\. cut-0: it was cut off; /)
    expect(because).toMatch(/cut-4: it was cut off; and 2 more$/)
    expect(choose([]).because).toBe('the catalogue holds no backup')
  })
})
