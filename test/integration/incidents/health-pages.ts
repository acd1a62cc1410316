import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Incident, Page, Pages } from './incident.ts'

const SIGN_IN = '<!doctype html><title>Sign in</title><form></form>'

/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:1'

/** The health pages of all incidents, each below the name of its own. */
export async function healthPages(incidents: readonly Incident[]) {
  const asked = new Map<string, number>()
  const wanted = new Map(
    incidents.flatMap(({ name, health = {} }) =>
      Object.entries(health).map(([service, pages]) => [`/${name}/${service}/health`, pages]),
    ),
  )
  const server = createServer((request, response) => {
    const path = request.url ?? ''
    const times = asked.get(path) ?? 0
    asked.set(path, times + 1)
    answer(nthOf(wanted.get(path) ?? pageAt(path), times), response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  function answer(page: Page, response: ServerResponse): void {
    if (page === 'silent') return
    const {
      status = 200,
      body = '',
      type,
      to,
      afterMs = 0,
      drips,
    } = typeof page === 'number' ? { status: page } : page
    const location = to === 'elsewhere' ? `http://localhost:${port}/login` : to
    const headers = {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(location === undefined ? {} : { location }),
    }
    const say = () => {
      response.writeHead(location === undefined ? status : 302, headers)
      if (drips) response.write(body)
      else response.end(body)
    }
    setTimeout(say, afterMs)
  }

  return {
    /** What the settings say of one service. */
    of({ name, health = {}, asked: more = {} }: Incident, service: 'backend' | 'frontend') {
      const pages = health[service]
      const url =
        pages === 'refused' ? NOBODY : `http${pages === 'no-tls' ? 's' : ''}://127.0.0.1:${port}`
      return { name: service, url, health: `/${name}/${service}/health`, ...more }
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function nthOf(pages: Pages, times: number): Page {
  if (pages === 'refused' || pages === 'no-tls') return 'silent'
  return typeof pages === 'object' && Array.isArray(pages)
    ? (pages[Math.min(times, pages.length - 1)] ?? 200)
    : (pages as Page)
}

function pageAt(path: string): Page {
  const json = (body: unknown) => ({ body: JSON.stringify(body), type: 'application/json' })
  if (path === '/login') return { body: SIGN_IN, type: 'text/html' }
  if (path === '/api/login') return json({ login: 'required' })
  if (path === '/sso/') return 200
  return path === '/version' ? json({ version: 'v1.0.0' }) : json({ status: 'ok' })
}
