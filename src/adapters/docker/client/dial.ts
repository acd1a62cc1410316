import { Agent, type AgentOptions, IncomingMessage } from 'node:http'
import { Agent as TlsAgent } from 'node:https'
import type { Duplex } from 'node:stream'
import { inspect } from 'node:util'
import Docker from 'dockerode'
import { Fault } from '../../../domain/base/fault.ts'
import { isThisMachine } from '../../../domain/base/in-the-clear.ts'

export type DockerAddress =
  | { readonly socketPath: string }
  | {
      readonly host: string
      readonly port: number
      /** Left out only for this machine itself: whoever can speak to an Engine is root on its host. */
      readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string }
    }

type Request = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>> | undefined
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body?: unknown
  readonly signal: AbortSignal
  /** Called when there is a connection to send it over. */
  readonly tell: () => void
}

/** Any answer is an answer; rejects when none came. */
export type Dial = (request: Request) => Promise<IncomingMessage>

/** Of one host: what it holds is small, and it has other work. */
const connectionsAtMost = 6
/** Shorter than any proxy keeps a connection that is not used. */
const idleMs = 4_000

/** How an Engine is spoken to. `where`: in words, for people. */
export function dialOver(options: DockerAddress & { readonly name: string }): {
  readonly where: string
  readonly reading: Dial
  readonly writing: Dial
  readonly close: () => void
} {
  const where = `${options.name} (${addressOf(options)})`
  const tls = 'socketPath' in options ? undefined : options.tls
  if (!('socketPath' in options) && tls === undefined && !isThisMachine(options.host)) {
    const detail = `${where} would be spoken to without TLS: anybody on the way could take it over`
    throw new Fault({ kind: 'terminal', dependency: 'docker', code: 'IN_THE_CLEAR', detail })
  }
  const agent = (settings: AgentOptions): Agent =>
    shownShort(neverUnheard(tls === undefined ? new Agent(settings) : new TlsAgent(settings)))
  const kept = agent({ keepAlive: true, maxSockets: connectionsAtMost, timeout: idleMs })
  const over = engineOver(options, kept)
  return {
    where,
    reading: (request) => dial(over, request),
    // Of its own: one that was kept may be closed already when a write is sent over it.
    writing: (request) => {
      const once = agent({ keepAlive: false })
      return dial(engineOver(options, telling(once, request.tell)), request)
    },
    close: () => kept.destroy(),
  }
}

function addressOf(address: DockerAddress): string {
  return 'socketPath' in address ? address.socketPath : `${address.host}:${address.port}`
}

/** Every option by name: what is left out is taken from DOCKER_HOST and its like, and means another host. */
function engineOver(address: DockerAddress, agent: Agent): Docker {
  const all = {
    protocol: 'http',
    host: undefined,
    port: undefined,
    socketPath: undefined,
    pathPrefix: '/',
    username: undefined,
    version: undefined,
    ca: undefined,
    cert: undefined,
    key: undefined,
    timeout: undefined,
    agent,
  } as const
  try {
    if ('socketPath' in address) return new Docker({ ...all, socketPath: address.socketPath })
    const { host, port, tls } = address
    const at = { ...all, host, port }
    return new Docker(tls === undefined ? at : { ...at, ...tls, protocol: 'https' })
  } catch (cause) {
    // It reads them before it looks whether they are asked for.
    const detail =
      'DOCKER_HOST or DOCKER_CERT_PATH in the environment of this process makes no sense'
    throw new Fault({ kind: 'terminal', dependency: 'docker', detail, cause })
  }
}

/**
 * The client writes all of a request into words for its debug log, whether anybody reads that or not, and an agent holds all of its
 * connections: with fifty requests at once that took seconds.
 */
function shownShort(agent: Agent): Agent {
  return Object.defineProperty(agent, inspect.custom, { value: () => 'Agent' })
}

/**
 * Whoever gives up an answer just when it is complete destroys a connection that nobody listens to any more, and that would
 * end the process.
 */
function neverUnheard(agent: Agent): Agent {
  const create = agent.createConnection.bind(agent)
  agent.createConnection = (...given): Duplex | null | undefined => {
    const socket = create(...given)
    socket?.on('error', () => undefined)
    return socket
  }
  return agent
}

/** Tells when a connection is there. Without one nothing was sent. */
function telling(agent: Agent, tell: () => void): Agent {
  const create = agent.createConnection.bind(agent)
  agent.createConnection = (...given): Duplex | null | undefined => {
    const socket = create(...given)
    socket?.once(agent instanceof TlsAgent ? 'secureConnect' : 'connect', tell)
    return socket
  }
  return agent
}

/** Its own methods read answers whole, whatever their length, and throw "already stopped". */
function dial(docker: Docker, request: Request): Promise<IncomingMessage> {
  const { method, path, query, headers, body, signal } = request
  return new Promise((resolve, reject) => {
    docker.modem.dial(
      {
        method,
        path: query === undefined ? path : `${path}?`,
        options: { _query: query ?? {}, _body: body ?? {} },
        headers: { 'user-agent': 'backout', ...headers },
        abortSignal: signal,
        isStream: true,
        statusCodes: anyStatus,
      },
      (error: unknown, answer: unknown) => {
        if (error instanceof Error) reject(error)
        else if (answer instanceof IncomingMessage) {
          // One that is given up while nobody reads it would end the process.
          answer.on('error', () => undefined)
          resolve(answer)
        } else reject(new Error('no answer', { cause: error }))
      },
    )
  })
}

const anyStatus = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [index + 100, true]))
