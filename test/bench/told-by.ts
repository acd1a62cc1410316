import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { reap, spare } from '../servers/reaper.ts'

/** The one thing that a subject in a process of its own tells, once it has ended. */
export const toldBy = async (child: ChildProcess): Promise<unknown> => {
  const pid = child.pid ?? 0
  reap({ pid })
  const ended = once(child, 'exit')
  const [told] = await once(child, 'message')
  await ended
  spare({ pid })
  return told
}
