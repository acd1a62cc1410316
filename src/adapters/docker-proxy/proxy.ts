import { lstatSync } from 'node:fs'
import { chmod, unlink } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Fault } from '../../domain/base/fault.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { Log } from '../../ports/log.ts'
import { callOf, type Call } from './calls.ts'
import { ask, NoAnswer, textOf, TooLong } from './engine.ts'
import { factsFor, type Host, type SwitchedVariables } from './facts.ts'
import type { ConfiguredJob } from './job.ts'
import { idIn, judge } from './judge.ts'
import type { ConfiguredServices } from './membership.ts'
import { isFields } from './sameness.ts'
import { modesShown, shownOf } from './shown.ts'
import type { Fields } from './schema.ts'

export type EngineProxyOptions = {
  /** Where it listens. Only its own user and group may connect. */
  readonly listen: string
  /** Where the Engine answers. */
  readonly engine: string
  readonly services: ConfiguredServices
  readonly variables?: SwitchedVariables
  /** The program that may be run once; left out: none. */
  readonly job?: ConfiguredJob | null
  readonly log: Log
  /** The container that this process runs in. */
  readonly ownId: () => Promise<string | null>
}

/** The description of a container with a hundred labels has twenty kilobytes. */
const MOST_BODY_BYTES = 512 * 1024
const BODY_MS = 10_000
const MOST_CONNECTIONS = 64

/** Of what an Engine says beside its answer: how to read it, and which API it speaks. */
const HEADERS = ['content-type', 'api-version', 'ostype', 'docker-experimental', 'retry-after']

/**
 * Stands in front of an Engine. What it sends on is written anew from what it has judged: nothing of a request reaches
 * the Engine as it came.
 */
export async function engineProxy(
  options: EngineProxyOptions,
): Promise<{ readonly stop: () => Promise<void> }> {
  const { listen, engine, services, variables = {}, job = null, log, ownId } = options
  const host: Host = { engineSocket: engine, services, variables, job, ownId }
  const server = createServer(
    {
      headersTimeout: BODY_MS,
      requestTimeout: 3 * BODY_MS,
      connectionsCheckingInterval: 1_000,
      // Longer than Backout keeps a connection that it does not use.
      keepAliveTimeout: 10_000,
      // Credentials of a registry stand in one.
      maxHeaderSize: 32 * 1024,
      insecureHTTPParser: false,
    },
    (request, response) => {
      void answer(request, response, host, log)
    },
  )
  server.maxConnections = MOST_CONNECTIONS
  // Whoever gets a connection of his own can say anything over it: exec, attach, build.
  for (const event of ['upgrade', 'connect']) {
    server.on(event, (request: IncomingMessage, socket: NodeJS.WritableStream) => {
      log.warn('refused', { method: request.method, because: 'a connection of its own' })
      socket.on('error', () => undefined)
      socket.end(
        'HTTP/1.1 403 Forbidden\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n' +
          '{"message":"A connection of its own is given to nobody."}',
      )
    })
  }
  await listening(server, listen)
  return {
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  host: Host,
  log: Log,
): Promise<void> {
  const { method = '', url = '' } = request
  const say = (status: number, message: string): void => {
    log.warn(status === 403 ? 'refused' : 'not answered', { status, because: message })
    if (response.headersSent) {
      response.destroy()
      return
    }
    const body = JSON.stringify({ message })
    // What is still coming of the request is not read.
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    response.end(body)
  }
  try {
    const call = callOf(method, url)
    if (typeof call === 'string') return say(403, call)
    const body = await bodyOf(request, call)
    if (!body) return say(403, 'The body of the request is not JSON.')
    const facts = await factsFor(call, body, host)
    const verdict = judge(call, body, facts)
    if (verdict.kind === 'refused') return say(403, verdict.because)
    if (verdict.kind === 'absent') return say(404, verdict.because)
    if (call.method !== 'GET') log.info('sent on', { call: call.name, id: idIn(call, body) })
    const given = await sentOn(call, verdict.body, request, response, host)
    const { statusCode: status = 502, headers } = given
    const shown = verdict.only === 'modes' ? modesShown(given) : shownOf(call.name, given, facts)
    const kept = HEADERS.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, value] as const]
    })
    response.writeHead(status, Object.fromEntries(kept))
    await pipeline(shown ? Readable.from(shown) : given, response)
  } catch (error) {
    if (error instanceof TooLong) return say(413, error.message)
    if (error instanceof NoAnswer) return say(502, error.message)
    if (response.destroyed || response.writableEnded) return
    say(500, 'The request could not be read.')
  }
}

/** `null`: it is none that can be judged. */
async function bodyOf(request: IncomingMessage, call: Call): Promise<Fields | null> {
  const late = setTimeout(() => request.destroy(), BODY_MS)
  try {
    const text = await textOf(request, MOST_BODY_BYTES)
    if (call.body === null) return {}
    const said = jsonOf(text)
    return isFields(said) ? said : null
  } catch (error) {
    // It is no text at all.
    if (error instanceof TypeError) return null
    throw error
  } finally {
    clearTimeout(late)
  }
}

function sentOn(
  call: Call,
  body: Fields | null,
  request: IncomingMessage,
  response: ServerResponse,
  { engineSocket }: Host,
): Promise<IncomingMessage> {
  const over = new AbortController()
  // Nobody waits for the answer any more.
  response.once('close', () => over.abort())
  const query = new URLSearchParams(call.query).toString()
  const credentials = request.headers['x-registry-auth']
  const asksRegistry = call.name === 'pull' || call.name === 'distribution'
  const mayLogIn = asksRegistry && typeof credentials === 'string'
  return ask(engineSocket, {
    method: call.method,
    path: `${call.version}${call.path}${query === '' ? '' : `?${query}`}`,
    headers: mayLogIn ? { 'x-registry-auth': credentials } : {},
    body: body === null ? null : JSON.stringify(body),
    signal: AbortSignal.any([over.signal, AbortSignal.timeout(call.deadlineMs)]),
  })
}

/** What was left behind by one that was killed is taken away; one that answers is not. */
async function listening(server: Server, path: string): Promise<void> {
  if (isSocket(path)) {
    if (await answers(path)) throw cannotListen(path, 'another one listens there already')
    await unlink(path)
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(cannotListen(path, error.code ?? error.message, error))
    })
    server.listen(path, () => resolve())
  })
  await chmod(path, 0o660)
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    setTimeout(() => socket.destroy(), 1_000).unref()
  })
}

function cannotListen(path: string, why: string, cause?: unknown): Fault {
  const detail = `cannot listen at ${path}: ${why}`
  return new Fault({ kind: 'terminal', dependency: 'engine-proxy', detail, cause })
}
