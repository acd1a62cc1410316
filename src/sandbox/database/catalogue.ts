import { canonicalJson } from '../../domain/text/canonical-json.ts'
import type { Backup, BackupManifest, CollectionContents } from '../../domain/data/backup.ts'
import { digest } from '../metrics/noise.ts'
import { bytesOf } from './documents.ts'
import type { Document } from './documents.ts'
import { byKey, contentsOf } from './simulated-collection.ts'
import type { SimulatedCollection } from './simulated-collection.ts'

/** `cut` and `flipped` come to light when its bytes are read, the others by looking. */
export type Damage = 'cut' | 'flipped' | 'empty' | 'link'

export type BackedUp = Pick<SimulatedCollection, 'name' | 'documents' | 'indexes' | 'options'>

/** An archive, and what is in it. */
export type SimulatedBackup = {
  readonly id: string
  readonly purpose: BackupManifest['purpose']
  readonly incident: string | null
  readonly changedAtMs: number
  readonly database: string
  readonly otherDatabases: readonly string[]
  readonly collections: readonly BackedUp[]
  /** As it tells it. */
  readonly dataAt: { readonly atMs: number; readonly exact: boolean }
  readonly oneMoment: BackupManifest['oneMoment']
  readonly node: string | null
  readonly lagSeconds: number | null
  readonly serverVersion: string | null
  readonly damage: Damage | null
  /** When all of it was read; `null`: that was not done. */
  readonly verifiedAtMs: number | null
  /** What was found out while it was restored. */
  readonly unusable?: string
}

/** What there is to say of one that others have put there; the rest is as usual. */
export type FoundBackup = Pick<SimulatedBackup, 'id' | 'changedAtMs'> &
  Partial<Omit<SimulatedBackup, 'collections'>> & {
    readonly collections: readonly (Omit<BackedUp, 'documents' | 'indexes' | 'options'> & {
      readonly documents: Iterable<Document>
      readonly indexes?: BackedUp['indexes']
      readonly options?: BackedUp['options']
    })[]
  }

export const TOOL_VERSION = '100.16.1'
const HEADER_BYTES = 512

const PROBLEMS: Readonly<Record<Damage, string>> = {
  cut: 'it was cut off: its end is missing',
  flipped: 'its bytes were changed: a check sum in it does not fit',
  empty: 'it is empty',
  link: 'it is a link',
}

export const problemOf = ({ damage }: SimulatedBackup): string | null => damage && PROBLEMS[damage]

const problemOnSight = (backup: SimulatedBackup): string | null => {
  const { damage, verifiedAtMs } = backup
  if (backup.unusable !== undefined) return backup.unusable
  const isSeen = damage === 'empty' || damage === 'link' || verifiedAtMs !== null
  return isSeen ? problemOf(backup) : null
}

const sizes = new WeakMap<SimulatedBackup['collections'], number>()
const contents = new WeakMap<BackedUp, CollectionContents>()

/** What its bytes say of one collection. */
export function contentsIn(one: BackedUp): CollectionContents {
  const found = contents.get(one) ?? contentsOf(one)
  contents.set(one, found)
  return found
}

export function sizeOf({ collections, damage }: SimulatedBackup): number {
  if (damage === 'empty') return 0
  const size =
    sizes.get(collections) ??
    collections.reduce((sum, one) => sum + bytesOf(one.documents.values()), HEADER_BYTES)
  sizes.set(collections, size)
  return damage === 'cut' ? Math.floor(0.6 * size) : size
}

function sha256Of({ id, collections, damage }: SimulatedBackup): string {
  return digest(canonicalJson([id, damage, collections.map(contentsIn)]))
}

/** What is known of one that was read whole. */
export function manifestOf(backup: SimulatedBackup, verifiedAtMs: number): BackupManifest {
  const { id, purpose, incident, database, otherDatabases, oneMoment, node, lagSeconds } = backup
  return {
    schema: 1,
    id,
    purpose,
    incident,
    database,
    otherDatabases: [...otherDatabases],
    collections: backup.collections.map(contentsIn),
    dataAt: { at: isoOf(backup.dataAt.atMs), exact: backup.dataAt.exact },
    oneMoment,
    node,
    lagSeconds,
    serverVersion: backup.serverVersion,
    toolVersion: TOOL_VERSION,
    artefact: {
      kind: 'archive',
      gzip: false,
      bytes: sizeOf(backup),
      sha256: sha256Of(backup),
      changedAt: isoOf(backup.changedAtMs),
    },
    verifiedAt: isoOf(verifiedAtMs),
  }
}

export type Catalogue = ReturnType<typeof simulatedCatalogue>

/** The folder with backups. */
export function simulatedCatalogue(usual: Pick<SimulatedBackup, 'database' | 'serverVersion'>) {
  let backups: readonly SimulatedBackup[] = []
  let roomBytes: number | null = 4_000_000_000

  const replace = (id: string, changes: Partial<SimulatedBackup>): void => {
    backups = backups.map((one) => (one.id === id ? { ...one, ...changes } : one))
  }

  return {
    find: (id: string): SimulatedBackup | undefined => backups.find((one) => one.id === id),
    put: (backup: SimulatedBackup): void => void (backups = [...backups, backup]),
    /** Others have made it, and copied it there. */
    found(backup: FoundBackup): void {
      const { collections, changedAtMs } = backup
      const whole: SimulatedBackup = {
        purpose: 'found',
        incident: null,
        otherDatabases: [],
        dataAt: { atMs: changedAtMs, exact: false },
        oneMoment: 'not-known',
        node: null,
        lagSeconds: null,
        damage: null,
        verifiedAtMs: null,
        ...usual,
        ...backup,
        collections: collections.map(({ indexes = [], options = {}, ...one }) => {
          return { ...one, indexes, options, documents: byKey(one.documents) }
        }),
      }
      backups = [...backups.filter(({ id }) => id !== backup.id), whole]
    },
    remove: (id: string): void => void (backups = backups.filter((one) => one.id !== id)),
    /** Its bytes are others from now on: what was known of them is not known any more. */
    damage: (id: string, damage: Damage | null): void =>
      replace(id, { damage, verifiedAtMs: null }),
    verified: (id: string, verifiedAtMs: number): void => replace(id, { verifiedAtMs }),
    markUnusable: (id: string, unusable: string): void => replace(id, { unusable }),
    clear: (): void => void (backups = []),
    freeBytes: () => roomBytes,
    setRoom: (bytes: number | null): void => void (roomBytes = bytes),

    list: (): readonly Backup[] =>
      backups
        .toSorted((a, b) => b.dataAt.atMs - a.dataAt.atMs)
        .map((one) => {
          const { id, changedAtMs, verifiedAtMs } = one
          const problem = problemOnSight(one)
          const isKnown = problemOf(one) === null && verifiedAtMs !== null
          return {
            id,
            kind: 'archive',
            bytes: sizeOf(one),
            changedAt: isoOf(changedAtMs),
            manifest: isKnown ? manifestOf(one, verifiedAtMs) : null,
            problem,
          }
        }),
  }
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
