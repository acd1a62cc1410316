import { Agent, fetch } from 'undici'
import { toFault } from './faults.ts'
import { readInCluster, readKubeconfig } from './kubeconfig.ts'
import type { Access, InCluster } from './kubeconfig.ts'
import { loginOf } from './login.ts'
import type { LogIn, Login } from './login.ts'
import { parseJson } from './schema.ts'

export type KubernetesClientOptions =
  /** A kubeconfig file; its current context if none is named. */
  | { readonly kubeconfig: string; readonly context?: string }
  /** The ServiceAccount the pod runs as. */
  | { readonly inCluster: InCluster }

export type KubernetesQuery = Readonly<Record<string, string | number | boolean>>

type Ask = { readonly signal: AbortSignal; readonly query?: KubernetesQuery }

/**
 * The Kubernetes API as raw JSON: its typed models drop the fields they do not know, and what is
 * read here is what will be written back. Every call throws a `Fault`, and ends when its signal does.
 */
export type KubernetesClient = {
  get(path: string, ask: Ask): Promise<unknown>
  /** For answers that are no JSON: logs. */
  text(path: string, ask: Ask): Promise<string>
  /** For questions that are asked by creating something, and change nothing. */
  post(path: string, body: unknown, ask: Ask): Promise<unknown>
  close(): Promise<void>
}

/** As many as listing makes calls at a time: one that waits for another doubles the time. */
const connectionsAtMost = 5

type Session = { readonly access: Access; readonly logIn: LogIn }

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

  const send = async (path: string, ask: Ask, body?: unknown): Promise<string> => {
    session ??= open()
    const { access, logIn } = await session.catch((error: unknown) => {
      forget()
      throw error
    })
    const { signal } = ask
    let status: number
    let text: string
    let retryAfter: string | null
    try {
      signal.throwIfAborted()
      const login = await logIn(signal)
      const response = await fetch(addressOf(access.server, path, ask.query), {
        method: body === undefined ? 'GET' : 'POST',
        headers: headersOf(login, body),
        body: body === undefined ? null : JSON.stringify(body),
        dispatcher: agents.for(access, login),
        redirect: 'manual',
        signal,
      })
      ;({ status } = response)
      retryAfter = response.headers.get('retry-after')
      text = await response.text()
    } catch (error) {
      throw toFault({ kind: 'no-answer', error, signal }, access.server)
    }
    if (status === 401) forget()
    if (status >= 300)
      throw toFault({ kind: 'answer', status, body: text, retryAfter }, access.server)
    return text
  }

  return {
    get: async (path, ask) => parseJson(await send(path, ask), path),
    text: (path, ask) => send(path, ask),
    post: async (path, body, ask) => parseJson(await send(path, ask, body), path),
    close: () => agents.close(),
  }
}

function addressOf(server: string, path: string, query: KubernetesQuery = {}): URL {
  const address = new URL(server + path)
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value))
  return address
}

function headersOf(login: Login, body: unknown): Record<string, string> {
  return {
    accept: 'application/json, */*',
    'user-agent': 'backout',
    ...(login.authorization === null ? {} : { authorization: login.authorization }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
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
