// Kills what a test run leaves behind when it is cut off, by SIGKILL too: a process of its own, which
// sees the end of its standard input however the test run ends.
import { spawn } from 'node:child_process'
import { rmSync } from 'node:fs'
import { Socket } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { removeLeavings } from './docker/leavings.ts'

export type Leftover =
  | { readonly pid: number }
  | { readonly folder: string }
  /** A Docker Engine, by its folder: its process is one `pid`, but its containers and networks are not. */
  | { readonly engine: string }

const key = (leftover: Leftover): string => {
  if ('pid' in leftover) return `pid ${leftover.pid}`
  return 'folder' in leftover ? `folder ${leftover.folder}` : `engine ${leftover.engine}`
}

let write: ((line: string) => void) | undefined

const startReaper = (): ((line: string) => void) => {
  const child = spawn(process.execPath, [fileURLToPath(import.meta.resolve('./reaper.ts'))], {
    // A session of its own, so that Ctrl-C in the terminal does not take it first.
    detached: true,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  child.unref()
  // Somebody killed it: then there is no last resort, and the tests go on.
  child.stdin.on('error', () => undefined)
  if (child.stdin instanceof Socket) child.stdin.unref()
  return (line) => child.stdin.write(`${line}\n`)
}

const tell = (line: string): void => {
  write ??= startReaper()
  write(line)
}

/** From now on `leftover` goes when this process does. */
export const reap = (leftover: Leftover): void => tell(`+${key(leftover)}`)

/** It is gone already. Its process id may soon be somebody else's. */
export const spare = (leftover: Leftover): void => tell(`-${key(leftover)}`)

const kill = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It went by itself.
  }
}

if (import.meta.main) {
  const leftovers = new Set<string>()
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.startsWith('+')) leftovers.add(line.slice(1))
    else leftovers.delete(line.slice(1))
  }
  const named = (kind: string): string[] =>
    [...leftovers].filter((one) => one.startsWith(kind)).map((one) => one.slice(kind.length))
  for (const pid of named('pid ')) kill(Number(pid))
  for (const folder of named('engine ')) await removeLeavings(folder).catch(() => undefined)
  for (const folder of named('folder ')) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }
}
