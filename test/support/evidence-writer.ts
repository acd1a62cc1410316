import { statfs } from 'node:fs/promises'
import { evidenceFiles } from '../../src/adapters/files/evidence-files.ts'
import { unlimited } from '../../src/adapters/files/evidence-quota.ts'
import { Fault } from '../../src/domain/base/fault.ts'

/* The other process of the evidence's tests: `node evidence-writer.ts <folder> <megabytes> [<bytes to leave free>]`. */

const [folder = '', megabytes = '', reserve = '0'] = process.argv.slice(2)

async function* log(bytes: number): AsyncIterable<string> {
  const lines = `${'x'.repeat(99)}\n`.repeat(100)
  for (let made = 0; made < bytes; made += lines.length) yield lines
}

async function attempt<T>(work: () => Promise<T>): Promise<T | { fault: string }> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault) return { fault: error.detail }
    throw error
  }
}

const store = evidenceFiles(
  folder,
  { now: () => Date.UTC(2026, 10, 22) },
  { ...unlimited, reserveBytes: Number(reserve) },
)
const opened = await attempt(() => store.open('i-1'))
if ('fault' in opened) {
  console.log(JSON.stringify({ opened: opened.fault }))
} else {
  const limits = { maxBytes: 1e9, signal: AbortSignal.timeout(60_000) }
  const keep = (name: string, size: number) => opened.keep(name, log(size), limits)
  const files = [
    await keep('small.log', 1_000),
    await keep('large.log', Number(megabytes) * 1e6),
    await keep('next.log', 1_000),
  ]
  const finished = await attempt(() => opened.finish(files))
  const { bavail, bsize } = await statfs(folder)
  const free = bavail * bsize
  console.log(JSON.stringify({ files, finished: finished?.fault ?? 'finished', free }))
}
