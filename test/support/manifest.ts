import type { BackupManifest } from '../../src/domain/data/backup.ts'

const at = '2026-11-22T02:50:00.000Z'

/** Of a backup that was read whole. */
export function manifestOf(changes: Partial<BackupManifest> = {}): BackupManifest {
  return {
    schema: 1,
    id: 'nightly',
    purpose: 'found',
    incident: null,
    database: 'es',
    otherDatabases: [],
    collections: [],
    dataAt: { at, exact: true },
    oneMoment: 'yes',
    node: null,
    lagSeconds: null,
    serverVersion: '7.0.5',
    toolVersion: '100.9.5',
    artefact: { kind: 'archive', gzip: true, bytes: 1_000, sha256: 'a'.repeat(64), changedAt: at },
    verifiedAt: at,
    ...changes,
  }
}
