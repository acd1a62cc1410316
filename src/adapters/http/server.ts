import { createServer, type Server } from 'node:http'
import {
  bound,
  closedNow,
  listening,
  timesOf,
  type ServerLimits,
} from '../../machine/bounded-server.ts'
import { alertmanagerPage, ALERTS_PATH, type AlertsPage } from './alertmanager.ts'
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

/** Whoever asks is a probe or Prometheus, and quick. Anybody else within reach must not cost more. */
const LIMITS: ServerLimits = { mostConnections: 64, headersMs: 5_000, requestMs: 10_000 }

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
  readonly metrics: () => Promise<Pick<BotMetrics, 'ready' | 'text' | 'contentType'>>
  /** One for each environment that has it; none: there is no such page. */
  readonly locks: readonly LocksPage[]
  readonly alerts: AlertsPage
  /** Milliseconds that only go up. */
  readonly now?: () => number
  readonly limits?: ServerLimits
}): Promise<OperatorServer> {
  const { limits = LIMITS, now = () => performance.now() } = options
  const readiness = remembered(options.readiness, now)
  const locks = options.locks.length > 0 ? locksPage(options.locks, now) : null
  const alerts = options.alerts.hooks.length > 0 ? alertmanagerPage(options.alerts, now) : null

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
  boundBySilence(server, limits)
  const { host, port } = options
  const settings = 'BACKOUT_HTTP_HOST and BACKOUT_HTTP_PORT'
  const listensOn = await listening(server, { host, port, of: { dependency: 'http', settings } })
  return { port: listensOn, stop: () => closedNow(server) }
}

/** The one that was silent longest makes way: a probe that finds no place would have us restarted. */
function boundBySilence(server: Server, limits: ServerLimits): void {
  const room = bound(server, limits)
  server.on('request', ({ socket }) => {
    room.leave(socket)
    room.enter(socket)
  })
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
