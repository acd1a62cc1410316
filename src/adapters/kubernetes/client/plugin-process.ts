import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'

/**
 * Starts a credential plugin, and ends it after so long, with all that it has started: a program that it leaves
 * behind would hold on to its streams, and nobody would ever hear of its end.
 */
export function startPlugin(
  command: string,
  args: readonly string[],
  { deadlineMs, ...options }: SpawnOptions & { readonly deadlineMs: number },
): ChildProcess {
  const child = spawn(command, args, {
    ...options,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const late = setTimeout(() => {
    endGroup(child)
    child.stdout.destroy()
    child.stderr.destroy()
  }, deadlineMs)
  child.once('close', () => clearTimeout(late))
  child.once('error', () => clearTimeout(late))
  return child
}

/** It has a group of its own. */
function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // None of them is there any more.
  }
}
