import { createServer, type Server } from 'node:http'
import type { Socket } from 'node:net'
import { Fault } from '../../domain/base/fault.ts'
import { waitingRoom } from '../../domain/base/waiting-room.ts'
import { alertmanagerPage, ALERTS_PATH, type AlertHook } from './alertmanager.ts'
import type { BotMetrics } from './bot-metrics.ts'
import { locksPage, type LocksPage } from './locks.ts'

/** Whether one part can do its work; `trouble` says in words why not. */
export type Readiness = {
  readonly part: string
  readonly trouble: string | null
  /** Without it the bot cannot work. What it only asks, may be down: then it is needed most. */
  readonly essential: boolean
}

export type OperatorServer = {
  readonly port: number
  stop(): Promise<void>
}

/**
 * To look at readiness costs a durable write: however many ask, it is looked at this seldom. No longer,
 * because it also holds what changes at once: whether Slack is there.
 */
const REMEMBER_READINESS_MS = 500

export type OperatorLimits = {
  readonly mostConnections: number
  /** From the connection until the headers, and until the whole request, are there. */
  readonly headersMs: number
  readonly requestMs: number
}

/** Whoever asks is a probe or Prometheus, and quick. Anybody else within reach must not cost more. */
const LIMITS: OperatorLimits = { mostConnections: 64, headersMs: 5_000, requestMs: 10_000 }

/**
 * `/healthz`: the process runs. `/readyz`: it can do its work. `/metrics`: for Prometheus. `/locks`: which
 * versions were rolled back from, for pipelines. `/hooks/alertmanager`: what fires, from Alertmanager.
 */
export async function operatorServer(options: {
  readonly host: string
  readonly port: number
  /** Never rejects. */
  readonly readiness: () => Promise<readonly Readiness[]>
  /** Asked for when somebody reads them. */
  readonly metrics: () => Promise<BotMetrics>
  /** Left out: there is no such page. */
  readonly locks?: LocksPage | undefined
  readonly alerts?: AlertHook | undefined
  /** Milliseconds that only go up. */
  readonly now?: () => number
  readonly limits?: OperatorLimits
}): Promise<OperatorServer> {
  const { limits = LIMITS, now = () => performance.now() } = options
  const readiness = remembered(options.readiness, now)
  const locks = options.locks && locksPage(options.locks, now)
  const alerts = options.alerts && alertmanagerPage(options.alerts, now)

  async function metricsNow() {
    const { ready, text, contentType } = await options.metrics()
    for (const { part, trouble } of await readiness()) ready.set({ part }, trouble === null ? 1 : 0)
    return { text: await text(), contentType }
  }

  const server = createServer(timesOf(limits), (request, response) => {
    const answer = (status: number, body: string, type = 'text/plain; charset=utf-8') =>
      response.writeHead(status, { 'content-type': type }).end(body)
    const path = request.url?.split('?')[0]
    if (path === ALERTS_PATH && alerts) {
      void alerts(request, response)
      return response
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'only GET\n')
    if (path === '/healthz') return answer(200, 'ok\n')
    if (path === '/readyz') {
      void readiness().then((parts) => {
        const lines = parts.map(({ part, trouble }) => `${part}: ${trouble ?? 'ok'}`)
        const allReady = parts.every(({ trouble, essential }) => trouble === null || !essential)
        answer(allReady ? 200 : 503, `${lines.join('\n')}\n`)
      })
      return response
    }
    if (path === '/metrics') {
      void metricsNow().then(
        ({ text, contentType }) => answer(200, text, contentType),
        () => answer(500, 'the metrics could not be collected\n'),
      )
      return response
    }
    if (path === '/locks' && locks) {
      void locks(request).then(({ status, body }) => {
        response.setHeader('cache-control', 'no-store')
        if (status === 401) response.setHeader('www-authenticate', 'Bearer')
        answer(status, body, 'application/json')
      })
      return response
    }
    return answer(404, 'nothing here; try /healthz, /readyz or /metrics\n')
  })
  bound(server, limits)
  const port = await listening(server, options)
  return {
    port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function timesOf({ headersMs, requestMs }: OperatorLimits) {
  return {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    // How often Node looks for those that are over.
    connectionsCheckingInterval: Math.min(headersMs, 1_000),
  }
}

/** The one that was silent longest makes way: a probe that finds no place would have us restarted. */
function bound(server: Server, { mostConnections, requestMs }: OperatorLimits): void {
  const room = waitingRoom<Socket>({
    mostGuests: mostConnections,
    mostBytes: 0,
    turnOut: (socket) => socket.destroy(),
  })
  server.on('connection', (socket: Socket) => {
    room.enter(socket)
    socket.once('close', () => room.leave(socket))
  })
  server.on('request', ({ socket }) => {
    room.leave(socket)
    room.enter(socket)
  })
  server.timeout = requestMs
}

function remembered(look: () => Promise<readonly Readiness[]>, now: () => number): typeof look {
  let parts: Promise<readonly Readiness[]> = Promise.resolve([])
  let untilMs = Number.NEGATIVE_INFINITY
  return () => {
    const atMs = now()
    if (atMs >= untilMs) {
      parts = look()
      untilMs = atMs + REMEMBER_READINESS_MS
    }
    return parts
  }
}

function listening(
  server: Server,
  { host, port }: { host: string; port: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, host, port)))
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

function cannotListen(error: Error, host: string, port: number): Fault {
  const code = 'code' in error ? String(error.code) : null
  const why = code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${code})`
  const detail = `${host}:${port} ${why}; set BACKOUT_HTTP_HOST and BACKOUT_HTTP_PORT`
  return new Fault({ kind: 'terminal', dependency: 'http', code, detail, cause: error })
}
