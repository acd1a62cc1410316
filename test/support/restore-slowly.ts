// A Backout that restores, slowly, until somebody kills it.
import { mongodbBackups } from '../../src/adapters/backups/backups.ts'
import { folderStorage } from '../../src/adapters/backups/folder-storage.ts'
import { nothingTold } from '../../src/adapters/backups/origin.ts'

const { folder, tools, uri, database, as, id, artefact } = JSON.parse(process.argv[2] ?? '{}')
const backups = mongodbBackups({
  storage: folderStorage({ folder, now: Date.now }),
  tools,
  uri,
  ca: null,
  database,
  now: Date.now,
  inventory: async () => [],
  beginning: nothingTold,
  bytesPerSecond: 150_000,
  patienceMs: 60_000,
})
const collections = [{ name: 'projects', as }]
const wanted = { id, sha256: artefact.sha256, bytes: artefact.bytes, collections }
await backups.restore(wanted, () => {}, AbortSignal.timeout(120_000))
