import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { join } from 'node:path'
import { freshFolder } from '../servers/spawn.ts'
import { portOf } from './contracts/outside.ts'

export type DockerProxy = AsyncDisposable & {
  readonly socketPath: string
  /** Of 127.0.0.1, where it asks for a certificate; 0 where it is only a socket. */
  readonly port: number
  /** What was asked since this was last read: `GET /containers/json`, ids as they are, without versions. */
  readonly asked: () => readonly string[]
  /** Of what is asked like this, the Engine does it and its answer gets lost. */
  readonly loseAnswers: (to: RegExp) => void
  /** Asked like this, it never comes to the Engine: somebody else answers. */
  readonly answer: (to: RegExp, status: number, body: string) => void
  /** The Engine says that its API is not newer than this. */
  readonly speakAtMost: (version: string) => void
}

/** Between the adapter and an Engine, as a filter before its socket would be. */
export const dockerProxy = async (
  engineSocket: string,
  tls?: { readonly certificate: string; readonly key: string },
): Promise<DockerProxy> => {
  const stack = new AsyncDisposableStack()
  const { path } = stack.use(await freshFolder('docker-proxy'))
  const socketPath = join(path, 'docker.sock')
  let asked: string[] = []
  let lost: RegExp | null = null
  let newest: string | null = null
  let ours: { to: RegExp; status: number; body: string } | null = null

  const forward: RequestListener = (incoming, outgoing) => {
    const line = `${incoming.method} ${(incoming.url ?? '').replace(/^\/v1\.\d+/, '')}`
    asked.push(line)
    if (ours?.to.test(line)) {
      outgoing.writeHead(ours.status).end(ours.body)
      return
    }
    const { method, url, headers } = incoming
    const given = { socketPath: engineSocket, method, path: url, headers, agent: false }
    const onward = httpRequest(given, (answer: IncomingMessage) => {
      if (lost?.test(line)) {
        answer.resume().once('end', () => incoming.socket.destroy())
        return
      }
      const told = newest === null ? {} : { 'api-version': newest }
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...told })
      answer.pipe(outgoing)
    })
    onward.on('error', () => outgoing.destroy())
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  }
  const { certificate: cert, key } = tls ?? {}
  const asking = { cert, key, ca: cert, requestCert: true }
  const server = tls ? createTlsServer(asking, forward) : createServer(forward)
  await new Promise<void>((resolve) => {
    if (tls) server.listen(0, '127.0.0.1', resolve)
    else server.listen(socketPath, resolve)
  })
  stack.defer(() => {
    server.closeAllConnections()
    return new Promise((resolve) => server.close(() => resolve()))
  })
  return {
    socketPath,
    port: tls ? portOf(server.address()) : 0,
    asked: () => {
      const lines = asked
      asked = []
      return lines
    },
    loseAnswers: (to) => void (lost = to),
    answer: (to, status, body) => void (ours = { to, status, body }),
    speakAtMost: (version) => void (newest = version),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}
