import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** Stops these processes as they are. Resolves when none of their threads runs any more: that takes a moment. */
export const freeze = async (pids: readonly number[]): Promise<void> => {
  for (const pid of pids) process.kill(pid, 'SIGSTOP')
  while ((await Promise.all(pids.map(runs))).includes(true)) await sleep(5)
}

const runs = async (pid: number): Promise<boolean> => {
  const tasks = `/proc/${pid}/task`
  const states = await Promise.all(
    (await readdir(tasks)).map(async (thread) => {
      const stat = await readFile(`${tasks}/${thread}/stat`, 'utf8')
      // The name before it may hold anything.
      return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3)
    }),
  )
  return states.some((state) => state !== 'T')
}
