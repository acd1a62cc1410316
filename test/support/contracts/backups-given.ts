import { expect } from 'vitest'
import type { Progress } from '../../../src/domain/plan/run.ts'
import type { Backup, BackupManifest } from '../../../src/domain/data/backup.ts'
import type { Backups } from '../../../src/ports/backups.ts'
import type { Doc, Given, Shows } from './collections-given.ts'
import { patience } from './outside.ts'

/** What a backup is made of: collections by their names. */
export type GivenBackup = {
  readonly collections: Readonly<Record<string, Given>>
  /** Minutes ago; several of one test differ in it. */
  readonly ageMinutes: number
  /** Another database that lies in it, too. */
  readonly otherDatabase?: string
}

export type GivenWorld = {
  /** What is in the database. */
  readonly live?: Readonly<Record<string, Given>>
  /** What others have put into the catalogue, by its id. */
  readonly backups?: Readonly<Record<string, GivenBackup>>
  /** Else it answers. */
  readonly server?: 'refusing' | 'silent'
}

export const DAMAGES = ['cut', 'flipped', 'empty', 'link'] as const
export type Damaged = (typeof DAMAGES)[number]

export type StartedBackups = {
  readonly backups: Backups
  /** The name of the database that is backed up. */
  readonly database: string
  readonly others: {
    /** What the database has under that name, in any order. */
    read(name: string): Promise<readonly Doc[]>
    /** Names of everything in the database, in order. */
    names(): Promise<readonly string[]>
    /** Names of the indexes of a collection, without that of `_id`. */
    indexes(name: string): Promise<readonly string[]>
    /** Somebody, or a disk, spoils it; `link`: it is moved away, and a link to it is put in its place. */
    damage(id: string, how: Damaged): Promise<void>
    remove(id: string): Promise<void>
  }
}

export type BackupsSubject = {
  /** A catalogue with these backups and no others, archives of mongodump, beside such a database. */
  readonly start: (given: GivenWorld) => Promise<StartedBackups>
  readonly called: string
  readonly cannot: readonly Shows[]
}

export const MANY_KINDS: readonly Doc[] = [
  { _id: 1, text: 'naïve ☃', whole: 7, half: 0.5, yes: true, no: null },
  { _id: 'two', long: 'x'.repeat(200) },
  { _id: { $oid: '65a000000000000000000003' }, list: [1, 'a'] },
  { _id: { $oid: '65a000000000000000000004' }, at: { $date: '2026-11-22T03:12:07Z' }, nested: {} },
]

/** And what FerretDB does not store, or JSON does not tell. */
export const EVERY_KIND: readonly Doc[] = [
  ...MANY_KINDS,
  { _id: 5, exact: { $numberDecimal: '0.10' }, long: { $numberLong: '9007199254740993' } },
]

export const numbered = (count: number, more: object = {}): readonly Doc[] =>
  Array.from({ length: count }, (_, index) => ({ _id: index, name: `number ${index}`, ...more }))

/** Reads and copies take their time. */
export const untilDone = (): AbortSignal => AbortSignal.timeout(60_000)

export async function listed({ backups }: StartedBackups, id: string): Promise<Backup> {
  const all = await backups.list(patience())
  const found = all.find((one) => one.id === id)
  if (!found) throw new Error(`${id} is not among ${all.map((one) => one.id).join(', ')}`)
  return found
}

export async function verified({ backups }: StartedBackups, id: string): Promise<BackupManifest> {
  const said = await backups.verify(id, () => undefined, untilDone())
  if (said.kind !== 'verified') throw new Error(`${id}: ${said.because}`)
  return said.manifest
}

/** Told of from the first to the last, never backwards, and to the end. */
export function expectTold(told: readonly Progress[]): void {
  expect(told.length).toBeGreaterThan(0)
  for (const [at, { done, total, unit }] of told.entries()) {
    expect(unit).toBe('bytes')
    expect(done).toBeLessThanOrEqual(total)
    expect(done).toBeGreaterThanOrEqual(told[at - 1]?.done ?? 0)
  }
  expect(told.at(-1)?.done).toBe(told.at(-1)?.total)
}
