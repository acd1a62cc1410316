// node test/bench/container-logs-subject.ts <socket> <container> <short one> <lines> <folder> <redaction: on or off>: how a long log comes to a file.
import { dockerHost } from '../../src/adapters/docker/client/client.ts'
import { containerLog } from '../../src/adapters/docker/evidence/container-log.ts'
import { redactedText } from '../../src/adapters/docker/evidence/redacted-text.ts'
import { inspected } from '../../src/adapters/docker/read/ask.ts'
import { evidenceFiles } from '../../src/adapters/files/evidence-files.ts'

const [socketPath = '', long = '', short = '', lines = '', folder = '', redaction = ''] =
  process.argv.slice(2)
const host = dockerHost({ name: 'here', socketPath })
const { signal } = new AbortController()
const store = evidenceFiles(folder, { now: Date.now })

const kept = async (id: string) => {
  const beganMs = performance.now()
  const seen = await inspected(host, id, signal)
  if (!seen) throw new Error(`there is no ${id}`)
  const bounds = { mostBytes: Infinity, deadlineMs: 600_000 }
  await using log = await containerLog(host, seen, { tail: Number(lines), signal, ...bounds })
  const place = await store.open(id)
  const limits = { maxBytes: Infinity, signal }
  const file =
    redaction === 'on'
      ? await place.keep('log', redactedText(log.lines, log.isCut), limits)
      : await place.keep('log', log.lines, { ...limits, alreadyRedacted: true })
  if (file.skipped !== null) throw new Error(file.skipped)
  return { tookMs: performance.now() - beganMs, file }
}

/** In MB; the kernel's own mark of the highest moment. */
const peak = (): number => (process.resourceUsage().maxRSS * 1024) / 1e6

await kept(short)
const before = peak()
const { tookMs, file } = await kept(long)
const { sha256, bytes } = file
console.log(JSON.stringify({ tookMs, sha256, bytes, grownMb: peak() - before }))
host.close()
