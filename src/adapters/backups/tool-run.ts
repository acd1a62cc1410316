import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, open, rm, writeFile, type FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { Fault } from '../../domain/base/fault.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'

/** Of what it says only the end is kept. */
const KEPT_WORDS = 64 * 1024
/** Of its own it looks for a server for half a minute. */
const FOUND_WITHIN_S = 10

export type ToolRun = {
  readonly input: Writable
  readonly output: Readable
  /** What it has said so far, on its error stream. May hold somebody's data: never to be shown. */
  words(): string
  /** Resolves once it is gone and all it said has been read. */
  readonly ended: Promise<{ readonly code: number | null }>
  /** Ends it, and waits until it is gone. */
  kill(): Promise<void>
}

export type ToolStart = {
  readonly path: string
  /** Without anything secret: everybody on this machine can read them. */
  readonly args: readonly string[]
  readonly uri: string
  /** PEM text. */
  readonly ca: string | null
}

/**
 * Runs one of the tools, and ends it where it is not over by itself. The address is in a file that has no name any more
 * when the tool starts, so that nothing of it stays behind whatever happens; its environment holds nothing of ours.
 */
export async function withTool<T>(
  { path, args, uri, ca }: ToolStart,
  work: (run: ToolRun) => Promise<T>,
): Promise<T> {
  // JSON is YAML too, whatever stands in it.
  await using address = await withoutName(`uri: ${JSON.stringify(uri)}\n`)
  await using authority = ca === null ? null : await withoutName(ca)
  const trusted = authority === null ? [] : ['--ssl', `--sslCAFile=${handedAt(1)}`]
  const found = `--serverSelectionTimeout=${FOUND_WITHIN_S}`
  const child = spawn(path, [`--config=${handedAt(0)}`, found, ...trusted, ...args], {
    env: { LANG: 'C' },
    stdio: ['pipe', 'pipe', 'pipe', address.fd, ...(authority === null ? [] : [authority.fd])],
    // A group of its own: whatever it starts is ended with it.
    detached: true,
  })
  const run = running(child)
  try {
    return await work(run)
  } finally {
    await run.kill()
  }
}

/** Where a tool finds what it was handed, after its three streams. */
function handedAt(index: number): string {
  return `/dev/fd/${3 + index}`
}

/** A file with this text, open for reading, that only we could read and nobody can find any more. */
async function withoutName(text: string): Promise<FileHandle> {
  const folder = await mkdtemp(join(tmpdir(), 'backout-tool-'))
  try {
    const path = join(folder, 'handed')
    await writeFile(path, text, { mode: 0o600 })
    return await open(path, 'r')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function running(child: ChildProcess): ToolRun {
  const { stdin, stdout, stderr } = child
  if (!stdin || !stdout || !stderr) throw new Error('all three are pipes')
  let words = ''
  let failed: unknown = null
  stderr.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-KEPT_WORDS)
  })
  // Whoever writes to one that is gone hears of it by its end.
  stdin.on('error', () => undefined)
  const ended = new Promise<{ code: number | null }>((resolve) => {
    child.once('error', (error) => {
      failed = error
      if (child.pid === undefined) resolve({ code: null })
    })
    child.once('close', (code) => resolve({ code }))
  })
  // What it leaves behind holds on to its streams, and they would never end.
  child.once('exit', () => endGroup(child))
  const told = ended.then((end) => {
    if (failed !== null && child.pid === undefined) throw notStarted(failed)
    return end
  })
  // Heard when somebody asks for it, which may be later.
  told.catch(() => undefined)
  return {
    input: stdin,
    output: stdout,
    words: () => words,
    ended: told,
    async kill() {
      if (child.exitCode === null && child.signalCode === null) endGroup(child)
      for (const stream of [stdin, stdout, stderr]) stream.destroy()
      await ended
    },
  }
}

/** The tool, and all that it has started itself: a wrapper may be a script. */
function endGroup({ pid }: Pick<ChildProcess, 'pid'>): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // None of them is there any more.
    if (codeOf(error) !== 'ESRCH') throw error
  }
}

function notStarted(error: unknown): Fault {
  const code = codeOf(error)
  const detail = `the tool could not be started (${code ?? '?'})`
  return new Fault({ kind: 'terminal', dependency: 'backups', detail, code })
}
