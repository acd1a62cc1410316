import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Runs a program to its end; its standard error is in the message when it fails. */
export const run = async (
  command: string,
  args: readonly string[],
  cwd?: string,
): Promise<string> =>
  (await execute(command, [...args], { cwd, maxBuffer: 64 * 1024 * 1024 })).stdout

/** Waits until a program of somebody else’s has ended: whose it is may never ask how, and it is listed still. */
export const untilGone = async (pid: number): Promise<void> => {
  for (;;) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => null)
    if (!isRunning(pid) || /^State:\s*Z/m.test(status ?? '')) return
    await new Promise((next) => setTimeout(next, 20))
  }
}

export const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
