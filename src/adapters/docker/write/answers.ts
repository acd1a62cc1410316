import { Fault } from '../../../domain/base/fault.ts'
import type { ContainerWritten } from '../../../ports/containers.ts'

export const DONE: ContainerWritten = { kind: 'done' }

export function changed(because: string): ContainerWritten {
  return { kind: 'changed-meanwhile', because }
}

export function refused(because: string): ContainerWritten {
  return { kind: 'refused', because }
}

/** What a host says to a write. Throws what says nothing of it, an unknown outcome first of all. */
export async function sent(write: () => Promise<unknown>): Promise<ContainerWritten> {
  try {
    await write()
    return DONE
  } catch (error) {
    const answer = error instanceof Fault ? answerIn(error) : null
    if (answer === null) throw error
    return answer
  }
}

/** `null`: what the fault says of the write is true. */
export function answerIn({ kind, code, detail }: Fault): ContainerWritten | null {
  if (kind !== 'terminal' || code === '401' || !/^4\d\d$/.test(code ?? '')) return null
  const isGone = code === '404' && /no such container/i.test(detail)
  // It runs again, or its restart policy cannot be changed: that is no other container.
  const isTaken = code === '409' && !/running container|restart policy/i.test(detail)
  return isGone || isTaken ? changed(detail) : refused(detail)
}
