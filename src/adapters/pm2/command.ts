import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access, open, realpath, stat } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Fault } from '../../domain/base/fault.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'
import { untilAborted } from '../../domain/base/until-aborted.ts'
import { DEPENDENCY } from './list.ts'

/** A hundred processes with everything that they were started with are about 2 MB. */
const MOST_BYTES = 32 * 1024 * 1024

export type Pm2At = {
  /** The program, where the settings name it; `null`: the first in `folders`. */
  readonly program: string | null
  /** In which programs are looked for. */
  readonly folders: readonly string[]
  /** pm2's own folder, PM2_HOME. */
  readonly home: string
}

export type Said = { readonly code: number | null; readonly output: string; readonly words: string }

export type Pm2 = {
  /** Throws a `Fault` unless its daemon runs and is ours to ask. */
  reachable(signal: AbortSignal): Promise<void>
  /** A question: nothing that it is given reaches an application, and no daemon is started for it. */
  ask(args: readonly string[], signal: AbortSignal): Promise<Said>
  /** Whatever is in `env` reaches the application: nothing else does. */
  tell(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Said>
}

/** pm2's command line. Every command of its would start a daemon where none runs, so that is asked for first. */
export function pm2At(at: Pm2At): Pm2 {
  async function run(
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Said> {
    const program = await programOf(at)
    if (signal.aborted) throw late()
    // By this very Node: looking for one takes a PATH, and that would reach the application.
    return said(process.execPath, [program, ...args], { env, signal })
  }

  return {
    reachable: (signal) => reachable(at.home, signal),
    ask(args, signal) {
      // With a log that cannot be written it gives up in place of starting a daemon.
      const env = { PM2_HOME: at.home, PM2_LOG_FILE_PATH: '/dev/null/pm2.log' }
      return run(args, env, signal)
    },
    tell: run,
  }
}

/** The first of these that is there. */
async function programOf({ program, folders }: Pm2At): Promise<string> {
  const candidates = program === null ? folders.map((folder) => join(folder, 'pm2')) : [program]
  const there = await Promise.all(candidates.map(executable))
  const path = there.find((one) => one !== null)
  if (path === undefined) {
    throw notFound(
      program === null
        ? 'pm2 is not on the PATH: set BACKOUT_PM2 to its path'
        : 'BACKOUT_PM2 names no program that can be run',
    )
  }
  if (await isForNode(path)) return path
  throw notFound(
    'what was found is not the program of pm2 itself but one that starts it: set BACKOUT_PM2 to the file pm2/bin/pm2 of its package',
  )
}

function notFound(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail })
}

async function executable(candidate: string): Promise<string | null> {
  try {
    await access(candidate, constants.X_OK)
    return await realpath(candidate)
  } catch {
    return null
  }
}

async function isForNode(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(128), 0, 128, 0)
    return /^#!.*\bnode\b/.test(buffer.toString('latin1', 0, bytesRead).split('\n')[0] ?? '')
  } finally {
    await file.close()
  }
}

/** Its words may hold somebody's data: they are read, and never shown whole. */
function said(
  command: string,
  args: readonly string[],
  { env, signal }: { readonly env: Readonly<Record<string, string>>; readonly signal: AbortSignal },
): Promise<Said> {
  return new Promise((resolve, reject) => {
    const options = {
      // A name that it is given is looked for among files too: here there are none.
      cwd: '/',
      env: { ...env },
      maxBuffer: MOST_BYTES,
      killSignal: 'SIGKILL',
      signal,
    } as const
    const child = execFile(command, args, options, (error, output, words) => {
      if (signal.aborted) reject(late())
      else if (error === null) resolve({ code: 0, output, words })
      else if (typeof error.code === 'number') resolve({ code: error.code, output, words })
      else reject(notRun(error))
    })
    child.stdin?.end()
  })
}

function notRun(error: Error): Fault {
  const code = codeOf(error)
  const detail =
    code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
      ? 'it said more than can be read'
      : `pm2 could not be run (${code ?? 'it was ended'})`
  return new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail, code })
}

function late(): Fault {
  const detail = 'did not answer in time'
  return new Fault({ kind: 'retryable', dependency: DEPENDENCY, detail, code: 'ETIMEDOUT' })
}

async function reachable(home: string, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw late()
  const owner = await stat(home).then(
    ({ uid }) => uid,
    (error: unknown) => {
      throw noHome(codeOf(error))
    },
  )
  if (owner !== process.getuid?.()) {
    const detail = `its folder PM2_HOME belongs to another user (${owner}): run Backout as the user of the applications`
    throw new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail, code: 'EACCES' })
  }
  await untilAborted(listens(join(home, 'rpc.sock')), signal).catch((error: unknown) => {
    throw signal.aborted ? late() : error
  })
}

function noHome(code: string | null): Fault {
  const detail =
    code === 'ENOENT' ? 'there is no folder PM2_HOME' : `PM2_HOME cannot be read (${code ?? '?'})`
  return new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail, code })
}

function listens(socket: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = connect(socket, () => {
      client.destroy()
      resolve()
    })
    client.once('error', (error) => {
      const code = codeOf(error)
      const words = code === 'ECONNREFUSED' ? 'connection refused: its daemon' : 'its daemon'
      const detail = `${words} does not run (${code ?? '?'})`
      reject(new Fault({ kind: 'retryable', dependency: DEPENDENCY, detail, code }))
    })
  })
}
