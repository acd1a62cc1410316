import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const execute = promisify(execFile)

/** Runs a program to its end; its standard error is in the message when it fails. */
export const run = async (
  command: string,
  args: readonly string[],
  cwd?: string,
): Promise<string> =>
  (await execute(command, [...args], { cwd, maxBuffer: 64 * 1024 * 1024 })).stdout

export const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}
