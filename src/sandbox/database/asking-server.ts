import { Fault } from '../../domain/base/fault.ts'
import type { DataWritten, Report } from '../../ports/collections.ts'
import type { Stage } from '../production.ts'
import { answering } from '../simulated-availability.ts'
import type { SimulatedServer } from './server.ts'
import type { SimulatedCollection } from './simulated-collection.ts'
import { changed, refused } from './written.ts'

/** Documents of one answer of a cursor. */
const BATCH = 200

const notAllowed = (what: string): string => `not authorized to execute command ${what}`

export type AskingServer = ReturnType<typeof askingServer>

/** How a server is asked: whether it answers, takes writes, and takes them from this bot. */
export function askingServer(stage: Stage, server: SimulatedServer, settle: () => void) {
  const answer = answering('mongodb', stage)
  const ask = <T>(signal: AbortSignal, what: () => T): Promise<T> =>
    answer(stage.production().mongodb, signal, () => {
      settle()
      return what()
    })
  const mustBePrimary = (): void => {
    if (!stage.production().writablePrimary) throw notPrimary()
  }
  /** Only a primary takes commands that change something, and only of those who may. */
  const command = (right: string, signal: AbortSignal, what: () => DataWritten) =>
    ask(signal, () => {
      mustBePrimary()
      return server.lacks(right) ? refused(notAllowed(right)) : what()
    })

  return {
    ask,
    command,
    mustBePrimary,
    read: <T>(right: string, signal: AbortSignal, what: () => T): Promise<T> =>
      ask(signal, () => {
        if (server.lacks(right)) throw terminal(notAllowed(right), '13')
        return what()
      }),
    write: (right: string, signal: AbortSignal, what: () => DataWritten) =>
      command(right, signal, () =>
        server.mayWrite('us') ? what() : refused('writes are blocked'),
      ),
    known(name: string): SimulatedCollection {
      const found = server.find(name)
      if (!found) throw terminal(`there is no collection ${name}`, '26')
      return found
    },
    /** What is in the way of a write to the one that was seen; `null`: it stands as it was seen. */
    seen(name: string, uuid: string): DataWritten | null {
      const found = server.find(name)
      if (!found) return changed(`there is no collection ${name}`)
      if (!server.traits().hasUuids) return refused('this server gives collections no identity')
      return found.uuid === uuid ? null : changed(`${name} is another collection now`)
    },
    /** Asked for again and again while it goes on, as a cursor is. */
    async goneThrough(
      total: number,
      { report, signal }: { readonly report: Report; readonly signal: AbortSignal },
      each: (from: number, to: number) => void = () => undefined,
    ): Promise<void> {
      for (let from = 0; from < total; from += BATCH) {
        const to = Math.min(total, from + BATCH)
        await ask(signal, () => each(from, to))
        report({ done: to, total, unit: 'documents' })
      }
    },
  }
}

function terminal(detail: string, code: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'mongodb', detail, code })
}

function notPrimary(): Fault {
  const detail = 'it is not the primary just now'
  return new Fault({ kind: 'retryable', dependency: 'mongodb', detail, code: '10107' })
}
