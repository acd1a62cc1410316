// node test/bench/backups-subject.ts <folder>: how much processor time it takes to read the large one whole, and how much more memory.
import { mongodbBackups } from '../../src/adapters/backups/backups.ts'
import { folderStorage } from '../../src/adapters/backups/folder-storage.ts'
import { nothingTold } from '../../src/adapters/backups/origin.ts'

const [folder = ''] = process.argv.slice(2)
const backups = mongodbBackups({
  storage: folderStorage({ folder, now: Date.now }),
  tools: [],
  uri: 'mongodb://127.0.0.1:1/',
  ca: null,
  database: 'es',
  now: Date.now,
  inventory: async () => [],
  beginning: nothingTold,
  bytesPerSecond: 0,
  patienceMs: 60_000,
})
const { signal } = new AbortController()

/** In MB; the kernel's own mark of the highest moment. */
const peak = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6

async function verified(id: string) {
  const before = process.cpuUsage()
  const startedMs = performance.now()
  const found = await backups.verify(id, () => undefined, signal)
  const { user, system } = process.cpuUsage(before)
  if (found.kind !== 'verified') throw new Error(`${id}: ${found.because}`)
  const [collection] = found.manifest.collections
  return {
    cpuMs: (user + system) / 1_000,
    tookMs: performance.now() - startedMs,
    documents: collection?.documents ?? 0,
    bytes: found.manifest.artefact.bytes,
  }
}

await verified('small.archive')
const before = peak()
const large = await verified('large.archive')
console.log(JSON.stringify({ ...large, grownMb: peak() - before }))
