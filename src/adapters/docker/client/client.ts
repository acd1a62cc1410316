import type { IncomingMessage } from 'node:http'
import { z } from 'zod'
import { Fault } from '../../../domain/base/fault.ts'
import { jsonOf } from '../../../domain/base/json-of.ts'
import { untilAborted } from '../../../domain/base/until-aborted.ts'
import { dialOver, type Dial, type DockerAddress } from './dial.ts'
import { toFault } from './faults.ts'

export type DockerHostOptions = { readonly name: string } & DockerAddress

export type DockerQuery = Readonly<Record<string, string>>

export type DockerCall = {
  /** Without the version: `/containers/json`. */
  readonly path: string
  readonly query?: DockerQuery
  readonly headers?: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** How long it may take, whatever the signal says. */
  readonly deadlineMs?: number
}

export type DockerWrite = DockerCall & {
  readonly method: 'POST' | 'DELETE'
  readonly body?: unknown
}

/** An answer that is still coming. It is given up when it is disposed of. */
export type DockerStream = AsyncDisposable & { readonly chunks: AsyncIterable<Uint8Array> }

/** One Engine. Every call throws a `Fault`, and ends when its signal does or its time is over. */
export type DockerHost = {
  readonly name: string
  get<T>(schema: z.ZodType<T>, call: DockerCall): Promise<T>
  /** Piece by piece, for what is long. `POST` only for what changes nothing that runs: a pull. */
  stream(call: DockerCall & { readonly method?: 'GET' | 'POST' }): Promise<DockerStream>
  /** Sent once, over a connection of its own; without an answer its outcome is unknown. */
  write(call: DockerWrite): Promise<unknown>
  /** Whether its API is at least this one. */
  speaks(version: string, signal: AbortSignal): Promise<boolean>
  close(): void
}

/** Until 1.51 a container tells the hardware address that was asked for: it has to be asked for again. */
const NEWEST = '1.51'
/** Of Docker 19.03: what is older knows other fields. */
const OLDEST = '1.40'

const DEADLINE_MS = 20_000

/** Of an answer that is read whole. A host with a thousand containers lists them in two megabytes. */
const MOST_BYTES = 16 * 1024 * 1024

type Sent = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly call: DockerCall & { readonly body?: unknown }
  readonly dial: Dial
  readonly changes: boolean
}

/** What came, and how to tell a break in it. */
type Answer = { readonly response: IncomingMessage; readonly fault: (error: unknown) => Fault }

export function dockerHost(options: DockerHostOptions): DockerHost {
  const { where, reading, writing, close } = dialOver(options)
  let version: Promise<string> | undefined

  /** For all who ask meanwhile: none of them ends it for the others. */
  const negotiated = async (signal: AbortSignal): Promise<string> => {
    try {
      signal.throwIfAborted()
      version ??= negotiate()
      return await untilAborted(version, signal)
    } catch (error) {
      throw toFault({ kind: 'no-answer', error, signal }, where)
    }
  }
  const negotiate = async (): Promise<string> => {
    try {
      const call = { path: '/_ping', signal: AbortSignal.timeout(DEADLINE_MS) }
      const answer = await ask({ method: 'GET', call, dial: reading, changes: false })
      await textOf(answer)
      return commonVersion(String(answer.response.headers['api-version'] ?? ''), where)
    } catch (error) {
      version = undefined
      throw error
    }
  }

  const ask = async ({ method, call, dial, changes }: Sent): Promise<Answer> => {
    const signal = withDeadline(call)
    let begun = false
    const fault = (error: unknown): Fault =>
      toFault({ kind: 'no-answer', error, signal, changes: changes && begun }, where)
    let answer: Answer
    try {
      signal.throwIfAborted()
      const { path, query, headers, body } = call
      const tell = (): void => void (begun = true)
      answer = { response: await dial({ method, path, query, headers, body, signal, tell }), fault }
    } catch (error) {
      throw fault(error)
    }
    const { statusCode: status = 0, headers } = answer.response
    // 304: it is so already.
    if ((status >= 200 && status < 300) || status === 304) return answer
    const refusal = await textOf(answer)
    if (status === 400 && /client version .* is too (new|old)/.test(refusal)) version = undefined
    const retryAfter = headers['retry-after']
    throw toFault({ kind: 'answer', status, body: refusal, retryAfter, changes }, where)
  }

  const versioned = async <Call extends DockerCall>(call: Call): Promise<Call> => ({
    ...call,
    path: `/v${await negotiated(call.signal)}${call.path}`,
  })

  return {
    name: options.name,
    async get(schema, call) {
      const asked = await versioned(call)
      const answer = await ask({ method: 'GET', call: asked, dial: reading, changes: false })
      return parseAnswer(schema, jsonOf(await textOf(answer)), `${where}${asked.path}`)
    },
    async stream({ method = 'GET', ...call }) {
      const over = new AbortController()
      const signal = AbortSignal.any([call.signal, over.signal])
      const asked = await versioned({ ...call, signal })
      const answer = await ask({ method, call: asked, dial: reading, changes: false })
      return {
        chunks: chunksOf(answer),
        [Symbol.asyncDispose]: async () => over.abort(),
      }
    },
    async write({ method, ...call }) {
      const asked = await versioned(call)
      return jsonOf(await textOf(await ask({ method, call: asked, dial: writing, changes: true })))
    },
    speaks: async (wanted, signal) => isAtLeast(await negotiated(signal), wanted),
    close,
  }
}

function withDeadline({ signal, deadlineMs = DEADLINE_MS }: DockerCall): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)])
}

async function* chunksOf({ response, fault }: Answer): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of response) if (chunk instanceof Uint8Array) yield chunk
  } catch (error) {
    throw fault(error)
  }
}

async function textOf(answer: Answer): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunksOf(answer)) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) {
      answer.response.destroy()
      throw unexpected(`an answer of more than ${MOST_BYTES / 1024 / 1024} MB`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** The answer in the shape we use, or a `Fault` that says where it has another one. */
function parseAnswer<T>(schema: z.ZodType<T>, answer: unknown, what: string): T {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw unexpected(`unexpected answer from ${what}: ${issue?.path.join('.')} ${issue?.message}`)
}

function unexpected(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'docker', code: 'UNEXPECTED_ANSWER', detail })
}

/** The newest that both know. */
export function commonVersion(theirs: string, where: string): string {
  if (!/^1\.\d+$/.test(theirs)) throw unexpected(`no Docker Engine answers at ${where}`)
  if (!isAtLeast(theirs, OLDEST)) {
    const detail = `the Engine at ${where} is too old: its API is ${theirs}, and ${OLDEST} is needed`
    throw new Fault({ kind: 'terminal', dependency: 'docker', code: 'TOO_OLD', detail })
  }
  return isAtLeast(theirs, NEWEST) ? NEWEST : theirs
}

function isAtLeast(version: string, wanted: string): boolean {
  return Number(version.split('.')[1]) >= Number(wanted.split('.')[1])
}
