import { Agent, fetch } from 'undici'
import type { Response } from 'undici'
import { Fault } from '../../../domain/base/fault.ts'
import { askingWhenSent, whyTooLate } from './asking-when-sent.ts'
import { toFault } from './faults.ts'
import { readInCluster, readKubeconfig } from './kubeconfig.ts'
import type { Access, InCluster } from './kubeconfig.ts'
import { loginOf } from './login.ts'
import type { LogIn, Login } from './login.ts'
import { parseJson } from '../read/schema.ts'

export type KubernetesClientOptions =
  /** A kubeconfig file; its current context if none is named. */
  | { readonly kubeconfig: string; readonly context?: string }
  /** The ServiceAccount the pod runs as. */
  | { readonly inCluster: InCluster }

export type KubernetesQuery = Readonly<Record<string, string | number | boolean>>

type Ask = { readonly signal: AbortSignal; readonly query?: KubernetesQuery }

/** From this moment on, by the clock on the wall, it is not sent any more, whatever it has waited for. */
type SendAsk = Ask & { readonly sendBeforeMs?: number | undefined }

/** RFC 6902. */
export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string }

/** RFC 6901: where something stands, from the object down. */
export function pointer(...place: readonly string[]): string {
  return place.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

/** An answer that is still coming. It is given up when it is disposed of. */
export type KubernetesStream = AsyncDisposable & { readonly chunks: AsyncIterable<Uint8Array> }

export type KubernetesAnswer = KubernetesStream & {
  readonly status: number
  readonly headers: Pick<Headers, 'get'>
}

/**
 * The Kubernetes API as raw JSON: its typed models drop the fields they do not know, and what is
 * read here is what will be written back. Every call throws a `Fault`, and ends when its signal does.
 */
export type KubernetesClient = {
  get(path: string, ask: Ask): Promise<unknown>
  /** For answers that are no JSON: logs. */
  text(path: string, ask: Ask): Promise<string>
  /** The same, piece by piece, for those that are long. */
  stream(path: string, ask: Ask): Promise<KubernetesStream>
  /** An answer of any status, where the API server hands on what somebody behind it says. */
  answer(path: string, ask: Ask): Promise<KubernetesAnswer>
  /** For questions that are asked by creating something, and change nothing. */
  post(path: string, body: unknown, ask: Ask): Promise<unknown>
  /** Changes something. It is sent once; without an answer its outcome is unknown. */
  patch(path: string, patch: readonly PatchOperation[], ask: SendAsk): Promise<unknown>
  /** The same, of something new. */
  create(path: string, body: unknown, ask: SendAsk): Promise<unknown>
  close(): Promise<void>
}

/** As many as listing makes calls at a time: one that waits for another doubles the time. */
const connectionsAtMost = 5

type Session = { readonly access: Access; readonly logIn: LogIn }

type Call = SendAsk & {
  readonly path: string
  readonly sends?: {
    readonly method: 'POST' | 'PATCH'
    readonly type: string
    readonly body: unknown
    readonly changes: boolean
  }
}

/** What came, and how to tell a break in it. */
type Answer = { readonly response: Response; readonly fault: (error: unknown) => Fault }

type Sent = Answer & { readonly server: string; readonly changes: () => boolean }

export function kubernetesClient(options: KubernetesClientOptions): KubernetesClient {
  const agents = sharedAgent()
  let session: Promise<Session> | undefined

  const open = async (): Promise<Session> => {
    const access =
      'kubeconfig' in options
        ? await readKubeconfig(options.kubeconfig, options.context)
        : await readInCluster(options.inCluster)
    return { access, logIn: loginOf(access) }
  }
  /** What was refused or could not be read is read again by the next call. */
  const forget = (): void => {
    session = undefined
  }

  const send = async ({ path, signal, query, sends, sendBeforeMs }: Call): Promise<Sent> => {
    session ??= open()
    const { access, logIn } = await session.catch((error: unknown) => {
      forget()
      throw error
    })
    let begun = false
    let late: Fault | null = null
    const changes = (): boolean => sends?.changes === true && begun
    const fault = (error: unknown): Fault =>
      late ?? toFault({ kind: 'no-answer', error, signal, changes: changes() }, access.server)
    /** A machine may have slept while it waited for a login or a connection (J7). */
    const sendable = (): Fault | null => {
      late = whyTooLate(sendBeforeMs)
      begun = late === null
      return late
    }
    try {
      signal.throwIfAborted()
      const login = await logIn(signal)
      const response = await fetch(addressOf(access.server, path, query), {
        method: sends?.method ?? 'GET',
        headers: headersOf(login, sends?.type),
        body: sends === undefined ? null : JSON.stringify(sends.body),
        dispatcher: agents.for(access, login).compose(askingWhenSent(sendable)),
        redirect: 'manual',
        signal,
      })
      if (response.status === 401) forget()
      return { response, fault, changes, server: access.server }
    } catch (error) {
      throw fault(error)
    }
  }

  const ask = async (call: Call): Promise<Answer> => {
    const { server, changes, ...answer } = await send(call)
    const { status, headers } = answer.response
    if (status < 300) return answer
    const body = await wholeOf(answer)
    const retryAfter = headers.get('retry-after')
    throw toFault({ kind: 'answer', status, body, retryAfter, changes: changes() }, server)
  }

  const text = async (call: Call): Promise<string> => wholeOf(await ask(call))

  const change = async (call: Call): Promise<unknown> => {
    const said = await text(call)
    try {
      return parseJson(said, call.path)
    } catch (error) {
      if (!(error instanceof Fault)) throw error
      // Somebody answered, and it was not the API server: what became of the change is not known.
      const { dependency, detail, code } = error
      throw new Fault({ kind: 'unknown-outcome', dependency, detail, code, cause: error })
    }
  }

  return {
    get: async (path, rest) => parseJson(await text({ path, ...rest }), path),
    text: (path, rest) => text({ path, ...rest }),
    async stream(path, rest) {
      const { signal, end } = endable(rest.signal)
      const answer = await ask({ path, ...rest, signal })
      return { chunks: chunksOf(answer), [Symbol.asyncDispose]: end }
    },
    async answer(path, rest) {
      const { signal, end } = endable(rest.signal)
      const answer = await send({ path, ...rest, signal })
      const { status, headers } = answer.response
      return { status, headers, chunks: chunksOf(answer), [Symbol.asyncDispose]: end }
    },
    post: async (path, body, rest) => {
      const sends = { method: 'POST', type: 'application/json', body, changes: false } as const
      return parseJson(await text({ path, ...rest, sends }), path)
    },
    patch: (path, body, rest) => {
      const type = 'application/json-patch+json'
      return change({ path, ...rest, sends: { method: 'PATCH', type, body, changes: true } })
    },
    create: (path, body, rest) => {
      const type = 'application/json'
      return change({ path, ...rest, sends: { method: 'POST', type, body, changes: true } })
    },
    close: () => agents.close(),
  }
}

/** Ends with this one, or before it. */
function endable(ending: AbortSignal) {
  const over = new AbortController()
  const signal = AbortSignal.any([ending, over.signal])
  return { signal, end: async (): Promise<void> => over.abort() }
}

function wholeOf({ response, fault }: Answer): Promise<string> {
  return response.text().catch((error: unknown) => {
    throw fault(error)
  })
}

async function* chunksOf({ response, fault }: Answer): AsyncIterable<Uint8Array> {
  try {
    if (response.body) yield* response.body
  } catch (error) {
    throw fault(error)
  }
}

function addressOf(server: string, path: string, query: KubernetesQuery = {}): URL {
  const address = new URL(server + path)
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value))
  return address
}

function headersOf(login: Login, type: string | undefined): Record<string, string> {
  return {
    accept: 'application/json, */*',
    'user-agent': 'backout',
    ...(login.authorization === null ? {} : { authorization: login.authorization }),
    ...(type === undefined ? {} : { 'content-type': type }),
  }
}

/** One pool of connections for all calls, until the credentials are read anew. */
function sharedAgent() {
  let current: { access: Access; cert: Login['cert']; agent: Agent } | undefined
  return {
    for(access: Access, login: Login): Agent {
      const { cert = access.tls.cert, key = access.tls.key } = login
      if (current?.access === access && current.cert === cert) return current.agent
      void current?.agent.close()
      // Over HTTP/2 all calls share a connection, and when it dies silently an aborted call does
      // not close it. Over HTTP/1.1 a call that is given up takes its connection with it.
      const connect = { ...access.tls, cert, key, timeout: 3_000 }
      const agent = new Agent({ connections: connectionsAtMost, allowH2: false, connect })
      current = { access, cert, agent }
      return agent
    },
    close: async (): Promise<void> => {
      await current?.agent.destroy()
      current = undefined
    },
  }
}
