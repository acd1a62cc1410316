import type { DockerHost, DockerQuery, DockerStream } from '../client/client.ts'
import { containerPath } from '../read/ask.ts'
import type { Inspected } from '../read/schema.ts'
import { logLines, logParts } from './log-frames.ts'

export type LogWanted = {
  readonly tail: number
  /** By the clock of its host. */
  readonly sinceMs?: number | undefined
  /** Of what is read at most; the rest is given up. */
  readonly mostBytes: number
  readonly signal: AbortSignal
  readonly deadlineMs: number
}

export type ContainerLog = AsyncDisposable & {
  readonly lines: AsyncIterable<string>
  /** Once it was read: whether there was more. */
  readonly isCut: () => boolean
}

/** Of these nothing can be read, whatever is asked. */
export function unreadable({ HostConfig }: Inspected): string | null {
  const driver = HostConfig.LogConfig?.Type
  return driver === 'none' ? 'not readable: log driver none' : null
}

/** Both streams of it, never held in one piece. */
export async function containerLog(
  host: DockerHost,
  { Id, Config: { Tty } }: Inspected,
  { tail, sinceMs, mostBytes, signal, deadlineMs }: LogWanted,
): Promise<ContainerLog> {
  const since: DockerQuery = sinceMs === undefined ? {} : { since: String(sinceMs / 1_000) }
  const answer = await host.stream({
    path: `${containerPath(Id)}/logs`,
    query: { stdout: 'true', stderr: 'true', tail: String(tail), ...since },
    signal,
    deadlineMs,
  })
  let isCut = false
  const within = atMost(answer, mostBytes, () => (isCut = true))
  // A terminal has one stream, and nothing says which.
  const lines = logLines(logParts(within, Tty ? 'plain' : 'framed'))
  return {
    lines,
    isCut: () => isCut,
    [Symbol.asyncDispose]: () => answer[Symbol.asyncDispose](),
  }
}

async function* atMost(
  { chunks }: DockerStream,
  mostBytes: number,
  cut: () => void,
): AsyncIterable<Uint8Array> {
  let bytes = 0
  for await (const chunk of chunks) {
    bytes += chunk.byteLength
    if (bytes > mostBytes) {
      cut()
      return
    }
    yield chunk
  }
}
