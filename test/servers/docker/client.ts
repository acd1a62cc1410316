import { request as httpRequest } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'

export type EngineQuestion = {
  readonly query?: Readonly<Record<string, string | readonly string[]>>
  /** A buffer goes as it is (a tar), all else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** A minute where nothing is said. */
  readonly withinMs?: number
}

type EngineAnswer = {
  readonly status: number
  readonly text: string
}

export type EngineClient = {
  /** Whatever the status is, it is an answer; only a broken connection rejects. */
  readonly request: (
    method: string,
    path: string,
    question?: EngineQuestion,
  ) => Promise<EngineAnswer>
  /** As `request`, but a status of 400 or more rejects, with what the Engine said; JSON as parsed. */
  readonly must: (method: string, path: string, question?: EngineQuestion) => Promise<unknown>
  /** For imports, pulls and pushes: their status is 200 before the work begins, and the last lines tell. */
  readonly progress: (
    method: string,
    path: string,
    question?: EngineQuestion,
  ) => Promise<ProgressLine[]>
}

const progressSchema = z.object({
  status: z.string().optional(),
  error: z.string().optional(),
  aux: z.unknown().optional(),
})

export type ProgressLine = z.infer<typeof progressSchema>

const queryText = (query: EngineQuestion['query'] = {}): string => {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (typeof value === 'string' ? [value] : value).map((one): [string, string] => [name, one]),
  )
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`
}

/** Just enough of a client to prepare an Engine for a test, sharing nothing with the adapter. */
export const engineClient = (socketPath: string): EngineClient => {
  const request: EngineClient['request'] = (
    method,
    path,
    { query, body, headers, withinMs = 60_000 } = {},
  ) =>
    new Promise((resolve, reject) => {
      const isTar = body instanceof Uint8Array
      const type = isTar ? 'application/x-tar' : 'application/json'
      const asked = httpRequest({
        socketPath,
        method,
        path: `${path}${queryText(query)}`,
        headers: { ...(body === undefined ? {} : { 'content-type': type }), ...headers },
        signal: AbortSignal.timeout(withinMs),
        agent: false,
      })
      asked.once('error', reject)
      asked.once('response', (response) => {
        text(response)
          .then((received) => resolve({ status: response.statusCode ?? 0, text: received }))
          .catch(reject)
      })
      asked.end(body === undefined || isTar ? body : JSON.stringify(body))
    })

  const accepted: EngineClient['request'] = async (method, path, question) => {
    const answer = await request(method, path, question)
    if (answer.status < 400) return answer
    throw new Error(`${method} ${path}: ${answer.status} ${answer.text.trim()}`)
  }

  return {
    request,
    must: async (method, path, question) => {
      const { text: received } = await accepted(method, path, question)
      return received.trim() === '' ? undefined : JSON.parse(received)
    },
    progress: async (method, path, question) => {
      const { text: received } = await accepted(method, path, question)
      const lines = received.split(/\r?\n/).filter((line) => line.trim() !== '')
      const told = lines.map((line) => progressSchema.parse(JSON.parse(line)))
      const failed = told.find(({ error }) => error !== undefined)
      if (failed) throw new Error(`${method} ${path}: ${failed.error}`)
      return told
    },
  }
}

export const answersPing = async (socketPath: string): Promise<boolean> =>
  (await engineClient(socketPath).request('GET', '/_ping')).status === 200

const listedSchema = z.array(z.object({ Id: z.string() }))

/** Removes every container, network and volume, so that the Engine has nothing to leave behind. */
export const emptyEngine = async (socketPath: string): Promise<void> => {
  const engine = engineClient(socketPath)
  const listed = await engine.must('GET', '/containers/json', { query: { all: '1' } })
  const removed = { query: { force: '1', v: '1' } }
  await Promise.all(
    listedSchema
      .parse(listed)
      .map(({ Id }) => engine.request('DELETE', `/containers/${Id}`, removed)),
  )
  await engine.must('POST', '/networks/prune')
  await engine.must('POST', '/volumes/prune')
}

/** Resolves to whether it became so. */
export const becomes = async (look: () => boolean, withinMs: number): Promise<boolean> => {
  const deadline = Date.now() + withinMs
  while (!look()) {
    if (Date.now() > deadline) return false
    await sleep(25)
  }
  return true
}
