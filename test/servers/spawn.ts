import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { reap, spare } from './reaper.ts'

const logLinesKept = 200
const logLinesShown = 25
const killAfterMs = 5_000
const askEveryMs = 25
const answerWithinMs = 2_000

export type Stoppable = AsyncDisposable & {
  readonly stop: () => Promise<void>
}

export type SpawnedServer = Stoppable & {
  readonly pid: number
  readonly log: () => string
}

/** What a launcher gathered, as something its caller can stop; stopping twice is harmless. */
export const stoppable = (resources: AsyncDisposableStack): Stoppable => {
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> => (stopping ??= resources.disposeAsync())
  return { stop, [Symbol.asyncDispose]: stop }
}

export type FreshFolder = AsyncDisposable & { readonly path: string }

export const freshFolder = async (name: string): Promise<FreshFolder> => {
  const path = await mkdtemp(join(tmpdir(), `backout-${name}-`))
  reap({ folder: path })
  return {
    path,
    [Symbol.asyncDispose]: async () => {
      await rm(path, { recursive: true, force: true, maxRetries: 3 })
      spare({ folder: path })
    },
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })

const given = new Set<number>()

/**
 * Random, and below the range the system takes outgoing connections from: between asking for the
 * port and the server's listening, nobody else is likely to get it.
 */
export const freePort = async (): Promise<number> => {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const port = 20_000 + Math.floor(Math.random() * 10_000)
    if (given.has(port)) continue
    given.add(port)
    if (await isFree(port)) return port
  }
  throw new Error('No free port between 20000 and 29999 on 127.0.0.1')
}

const hasExited = (child: ChildProcess): boolean =>
  child.exitCode !== null || child.signalCode !== null

const stopChild = async (child: ChildProcess, exited: Promise<void>): Promise<void> => {
  if (hasExited(child)) return
  child.kill('SIGTERM')
  // A process that was paused by a test takes no SIGTERM until it is continued.
  child.kill('SIGCONT')
  const timer = setTimeout(() => child.kill('SIGKILL'), killAfterMs)
  await exited
  clearTimeout(timer)
}

export type SpawnOptions = {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Asked again and again until true; a rejection counts as "not yet" and is told at the end. */
  readonly ready: () => Promise<boolean>
  readonly deadlineMs?: number
}

/** Starts a server as a child process and waits until it is ready. */
export const spawnServer = async (options: SpawnOptions): Promise<SpawnedServer> => {
  const child = spawn(options.command, options.args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const { pid } = child
  if (pid !== undefined) reap({ pid })
  const lines: string[] = []
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (lines.push(line) > logLinesKept) lines.shift()
    })
  }

  const failed: { why?: Error } = {}
  const exited = new Promise<void>((resolve) => {
    const gone = (error?: Error): void => {
      if (error) failed.why = error
      if (pid !== undefined) spare({ pid })
      resolve()
    }
    // "close" and not "exit": only then is the log complete.
    child.once('close', () => gone())
    child.once('error', (error) => {
      if (pid === undefined) gone(error)
    })
  })
  const log = (): string => lines.slice(-logLinesShown).join('\n')
  const failure = (what: string, cause?: unknown): Error =>
    new Error(`${options.name} ${what}. Last lines of its log:\n${log()}`, { cause })

  const deadline = Date.now() + (options.deadlineMs ?? 20_000)
  let lastError: unknown
  const isReady = (): Promise<boolean> =>
    // A server that takes the question and never answers must not outlast the deadline.
    Promise.race([options.ready(), sleep(answerWithinMs, false, { ref: false })]).catch(
      (error: unknown) => {
        lastError = error
        return false
      },
    )
  while (!hasExited(child) && !failed.why) {
    // The second look is for a stranger that answers on the port our server could not have.
    if ((await isReady()) && !hasExited(child) && pid !== undefined) {
      const stop = (): Promise<void> => stopChild(child, exited)
      return { pid, log, stop, [Symbol.asyncDispose]: stop }
    }
    if (Date.now() > deadline) {
      await stopChild(child, exited)
      throw failure('was not ready in time', lastError)
    }
    await sleep(askEveryMs)
  }
  await exited
  const reason = failed.why?.message ?? `exit ${child.exitCode ?? child.signalCode}`
  throw failure(`stopped before it was ready (${reason})`, failed.why)
}
