import { Fault } from '../../domain/base/fault.ts'
import { redisAddress } from './address.ts'
import { redisLine } from './line.ts'
import type { Line } from './line.ts'

export type RedisConnection = {
  /** On the line that all questions share; the next one opens it anew after it broke. */
  readonly ask: Line['ask']
  /**
   * On a line of its own, so that it is one server from the first command to the last, and neither
   * side's broken line breaks the other's work.
   */
  alone<T>(work: (line: Line) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** Nothing is connected before it is asked. */
export function redisConnection(options: { url: string; ca?: string }): RedisConnection {
  const lines = new Set<Line>()
  let shared: Line | null = null
  let closed = false
  const { ca } = options

  const open = (): Line => {
    if (closed) {
      const detail = 'the connection was closed by this program'
      throw new Fault({ kind: 'terminal', dependency: 'redis', detail })
    }
    const opened = redisLine(redisAddress(options.url), {
      ...(ca === undefined ? {} : { ca }),
      onEnd(ended) {
        lines.delete(ended)
        if (shared === ended) shared = null
      },
    })
    lines.add(opened)
    return opened
  }

  return {
    async ask(command, signal) {
      shared ??= open()
      return await shared.ask(command, signal)
    },

    async alone(work) {
      const line = open()
      try {
        return await work(line)
      } finally {
        line.close()
      }
    },

    async close() {
      closed = true
      for (const line of lines) line.close()
    },
  }
}
