import { Fault } from '../../domain/base/fault.ts'
import type { EvidencePiece } from '../../ports/workloads.ts'
import type { World } from '../../ports/world.ts'
import { unmarked } from './lent-marks.ts'
import { Question, type Answer, type Collected, type Port, type Told } from './lent-messages.ts'

/**
 * Answers what a child process asks of this world. `answer` is called once for each question, and before that for
 * whatever it tells of how far it is.
 */
export function lend(
  world: World,
  answer: (message: Answer | Told) => void,
): (message: unknown) => void {
  const open = new Map<number, AbortController>()

  async function carryOut(id: number, port: Port, method: string, args: readonly unknown[]) {
    const stopping = new AbortController()
    open.set(id, stopping)
    try {
      const asked: unknown = world[port] ?? {}
      const report = (value: unknown): void => answer({ told: id, value })
      const given = args.map((arg) => unmarked(arg, { signal: stopping.signal, report }))
      const run: unknown = typeof asked === 'object' && asked && Reflect.get(asked, method)
      if (typeof run !== 'function') throw new TypeError(`there is no ${port}.${method}`)
      const found: unknown = await Reflect.apply(run, asked, given)
      answer({ answer: id, value: isPieces(found) ? await collected(found) : found })
    } catch (error) {
      answer({ answer: id, ...failure(error) })
    } finally {
      open.delete(id)
    }
  }

  return (message) => {
    const { data } = Question.safeParse(message)
    if (!data) return
    if ('abort' in data) open.get(data.abort)?.abort()
    else void carryOut(data.ask, data.port, data.method, data.args)
  }
}

function failure(error: unknown): Pick<Answer, 'fault' | 'error'> {
  if (!(error instanceof Fault)) return { error: String(error) }
  const { kind, dependency, detail, code, retryAfterMs } = error
  return { fault: { kind, dependency, detail, code, retryAfterMs } }
}

function isPieces(value: unknown): value is AsyncIterable<EvidencePiece> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

/** A stream does not go over the channel; what a simulation keeps is short. */
async function collected(pieces: AsyncIterable<EvidencePiece>): Promise<Collected> {
  const all: Collected = []
  for await (const piece of pieces) {
    if ('skipped' in piece) all.push(piece)
    else {
      const text: string[] = []
      for await (const chunk of piece.text) text.push(chunk)
      all.push({ name: piece.name, text })
    }
  }
  return all
}
