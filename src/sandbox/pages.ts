import type { EndpointAnswer, EndpointQuestion } from '../ports/endpoints.ts'
import type { Production } from './production.ts'

/** From here on whatever people try fails: a check meets it, and does not have to be lucky. */
const BAD_FROM_PERCENT = 5
const LOGINS_BAD_FROM_PERCENT = 10

/** Of somebody who belongs to acme. */
const TOKEN = 'simulated-session'

/**
 * What people do with the services: log in, read, search, upload. `null`: it is another page. Under a bad
 * release they fail as its numbers say.
 */
export function simulatedPages() {
  const files = new Map<string, string>()
  let uploaded = 0
  let purged = 0

  const routes: Readonly<Record<string, (asked: Asked) => EndpointAnswer>> = {
    'POST /api/login': ({ question, production }) => {
      if (production.loginFailurePercent >= LOGINS_BAD_FROM_PERCENT) {
        return json(401, { error: 'token audience does not match the tenant' })
      }
      const isNamed = question.content?.text.includes('"user"') === true
      return isNamed ? json(200, { token: TOKEN }) : json(400, { error: 'no user' })
    },
    'GET /api/documents': known(() => json(200, { documents: [{ id: 'd1', title: 'Handbook' }] })),
    'GET /api/projects/acme-1': known(() => json(200, { name: 'Acme roadmap' })),
    'GET /api/projects/globex-1': known(({ production }) => {
      return production.leaksBetweenOrganisations
        ? json(200, { name: 'Globex roadmap' })
        : json(404, { error: 'not found' })
    }),
    'POST /cdn/purge': () => {
      purged += 1
      return json(202, { purged })
    },
    'GET /api/search': known(() => json(200, { hits: [{ id: 'd1' }] })),
    'POST /api/files': known(({ question }) => {
      const id = `f${(uploaded += 1)}`
      files.set(id, question.content?.text ?? '')
      return json(201, { id })
    }),
    'GET /api/files/:id': known(({ id }) => {
      const text = files.get(id)
      return text === undefined ? json(404, { error: 'not found' }) : json(200, { id, text })
    }),
    'DELETE /api/files/:id': known(({ id }) => {
      return files.delete(id) ? json(204, {}) : json(404, { error: 'not found' })
    }),
  }

  return {
    /** What was uploaded and not removed. */
    files: () => [...files.keys()],
    page(question: EndpointQuestion, production: Production): EndpointAnswer | null {
      const method = question.method ?? 'GET'
      const path = new URL(question.url).pathname
      const [, id = ''] = /^\/api\/files\/([^/]+)$/.exec(path) ?? []
      const name = `${method} ${id === '' ? path : '/api/files/:id'}`
      const route = Object.hasOwn(routes, name) ? routes[name] : undefined
      if (!route) return null
      // Data that is spoilt fails whoever reads it; what people add is new.
      const isNew = production.causedByData && !name.endsWith('/documents')
      if (production.errorPercent >= BAD_FROM_PERCENT && !isNew) {
        return json(500, { error: 'Cannot read properties of undefined (reading "orgId")' })
      }
      return route({ question, production, id })
    },
  }
}

type Asked = {
  readonly question: EndpointQuestion
  readonly production: Production
  readonly id: string
}

/** Only for those who are logged in. */
function known(page: (asked: Asked) => EndpointAnswer): (asked: Asked) => EndpointAnswer {
  return (asked) => {
    const { authorization } = lowerCased(asked.question.headers ?? {})
    return authorization === `Bearer ${TOKEN}` ? page(asked) : json(401, { error: 'log in first' })
  }
}

function lowerCased(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, one]) => [name.toLowerCase(), one]))
}

export function json(status: number, body: unknown): EndpointAnswer {
  return {
    status,
    body: JSON.stringify(body),
    contentType: 'application/json',
    truncated: false,
  }
}
