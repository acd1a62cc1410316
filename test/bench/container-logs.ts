import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { z } from 'zod'
import { emptyEngine } from '../servers/docker/client.ts'
import { runContainer, untilContainer } from '../servers/docker/containers.ts'
import { startDocker, type DockerEngine } from '../servers/docker/engine.ts'
import { requireBinary } from '../servers/find.ts'
import { freshFolder } from '../servers/spawn.ts'
import { appImage } from '../support/docker.ts'
import { atMost, exactly, judged, ms, reported, type Outcome } from './outcome.ts'
import { compare, measurePairs } from './pairs.ts'
import { START_FLAGS, START_VARIABLES } from './processes.ts'

/** `LOG_MEGABYTES=2000 npm run bench -- container-logs` is the long one. */
const MEGABYTES = Number(process.env['LOG_MEGABYTES'] ?? 200)
/** As much as is kept of one container's. */
const BOUNDED_MEGABYTES = 16
const LINE_BYTES = 100
const LINES = (MEGABYTES * 1e6) / LINE_BYTES
const MOST_MB = 64
const MOST_OF_BASELINE = 1.3
/** A minute each, and more on a busy machine. */
const AMOUNT = { warmUp: 1, pairs: 3 }

const SUBJECT = resolve(import.meta.dirname, 'container-logs-subject.ts')

const Measured = z.object({
  tookMs: z.number(),
  sha256: z.string(),
  bytes: z.number(),
  grownMb: z.number(),
})
type Measured = z.infer<typeof Measured>

/** A long log of both streams, kept as evidence is: its memory, its time and its content, beside `docker logs > file`. */
export const containerLogs = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const engine = resources.use(await startDocker())
  const { path } = resources.use(await freshFolder('logs'))
  const image = await appImage(engine, { name: 'shop/app', version: 'v1' })
  await logged(engine, image.reference, 'short', 1_000)
  await logged(engine, image.reference, 'long', LINES)
  await logged(engine, image.reference, 'bounded', (BOUNDED_MEGABYTES * 1e6) / LINE_BYTES)
  const runs: Measured[] = []
  const theirs: string[] = []
  const ours = async (name: string, redaction: 'on' | 'off'): Promise<Measured> => {
    const folder = join(path, 'ours')
    const about = [engine.socketPath, name, 'short', String(LINES), folder, redaction]
    const args = [...START_FLAGS, SUBJECT, ...about]
    const env = { ...process.env, ...START_VARIABLES }
    const { stdout } = await promisify(execFile)(process.execPath, args, { env })
    await rm(folder, { recursive: true })
    return Measured.parse(JSON.parse(stdout))
  }
  const measured = await measurePairs(
    {
      subject: async () => {
        const run = await ours('long', 'off')
        runs.push(run)
        return run.tookMs
      },
      baseline: async () => {
        const file = join(path, 'theirs')
        const tookMs = await dockerLogs(engine, file)
        theirs.push(await sha256Of(file))
        return tookMs
      },
    },
    AMOUNT,
  )
  const redacted = await ours('bounded', 'on')
  await emptyEngine(engine.socketPath)
  const different = runs.filter(({ sha256 }, at) => sha256 !== theirs[at])
  const grown = runs.map(({ grownMb }) => grownMb)
  const what = `a log of ${((runs[0]?.bytes ?? 0) / 1e6).toFixed(0)} MB`
  return [
    judged({
      what: `time to keep ${what}, nothing hidden, to docker logs > file`,
      gate: MOST_OF_BASELINE,
      comparison: compare(measured),
      details: [],
    }),
    exactly({
      what: `times of ${runs.length} that it was another content than that file’s`,
      measured: different.length,
      gate: 0,
    }),
    atMost({
      what: `memory that ${what} takes at most`,
      measured: Math.max(...grown, redacted.grownMb),
      gate: MOST_MB,
      unit: 'MB',
      details: [
        `${grown.map((one) => one.toFixed(0)).join(', ')} MB with nothing hidden; ${redacted.grownMb.toFixed(0)} MB for the ${BOUNDED_MEGABYTES} MB that are kept of one, with secrets hidden`,
      ],
    }),
    reported(`time to keep ${BOUNDED_MEGABYTES} MB with secrets hidden`, ms(redacted.tookMs)),
  ]
}

/** Most of its lines on one stream, some on the other, of no two the same. */
const logged = async (
  engine: DockerEngine,
  image: string,
  name: string,
  lines: number,
): Promise<void> => {
  const text = `2026-11-22T03:12:07Z info request %d GET /api/v1/items/%d 200 in %d ms, of a customer %s`
  const program = `BEGIN { for (i = 1; i <= ${lines}; i++) { s = sprintf("${text}", i, i * 7 % 100003, i % 997, "c" i * 31); while (length(s) < ${LINE_BYTES - 1}) s = s "."; if (i % 50) print s; else print s > "/dev/stderr" } }`
  await runContainer(engine, {
    image,
    name,
    more: {
      Healthcheck: { Test: ['NONE'] },
      Entrypoint: ['/bin/busybox'],
      Cmd: ['awk', program],
      HostConfig: { NetworkMode: 'none' },
    },
  })
  for (let minutes = 0; minutes < 20; minutes += 1) {
    const seen = await untilContainer(engine, name, { status: 'exited' })
    if (seen.status === 'exited' && seen.exitCode === 0) return
  }
  throw new Error(`${name} never ended`)
}

/** As a person types it, with the command warm on the disk. */
const dockerLogs = async (engine: DockerEngine, file: string): Promise<number> => {
  const beganMs = performance.now()
  const output = await open(file, 'w')
  const child = spawn(
    requireBinary('docker', 'docker'),
    ['logs', '--tail', String(LINES), 'long'],
    {
      env: { DOCKER_HOST: engine.host },
      stdio: ['ignore', output.fd, output.fd],
    },
  )
  const [code] = await once(child, 'exit')
  await output.close()
  if (code !== 0) throw new Error(`docker logs ended with ${String(code)}`)
  return performance.now() - beganMs
}

const sha256Of = async (file: string): Promise<string> => {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
