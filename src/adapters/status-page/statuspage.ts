import { serviceUrl } from '../../domain/base/service-url.ts'
import type { StatusReceipt } from '../../domain/outbox/status-post.ts'
import { unrendered } from '../../domain/text/unrendered.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import type { StatusPages, StatusUpdate } from '../../ports/status-pages.ts'
import { checkStatuspage } from './check-statuspage.ts'
import { answerFault, garbled } from './faults.ts'
import { asking, type Answer, type Asked } from './http.ts'
import { pace } from './pace.ts'
import {
  Incident,
  Incidents,
  linkOf,
  marksOf,
  type Incident as OnPage,
} from './statuspage-schema.ts'

const DEPENDENCY = 'status page'

/** One request a second: https://developer.statuspage.io/#section/Rate-Limiting */
const EVERY_MS = 1_050

/** An incident that was opened and resolved with one post is among the newest. */
const NEWEST = 20

export type StatuspageOptions = {
  readonly apiUrl: string
  readonly page: string
  readonly apiKey: string
  /** Whether its subscribers are told of each post. */
  readonly notifies: boolean
  /** Those that are set must be there. */
  readonly components: Readonly<Record<string, string>>
  readonly endpoints: Endpoints
  readonly now: () => number
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>
  /** Between two requests; for tests. */
  readonly everyMs?: number
}

/**
 * A page of Atlassian Statuspage. It knows no idempotency key, so each incident carries our own mark in its
 * metadata: which incident of ours it is, and which posts it has taken. That is read before each write (J4).
 */
export function atlassianStatuspage(options: StatuspageOptions): StatusPages {
  const { page, apiKey, now, sleep, everyMs = EVERY_MS } = options
  const ask = asking(DEPENDENCY, options.endpoints, now)
  const turns = pace({ everyMs, dependency: DEPENDENCY, now, sleep })

  async function call(
    { method, path, body }: Pick<Asked, 'method' | 'body'> & { readonly path: string },
    signal: AbortSignal,
  ): Promise<Answer> {
    await turns.turn(signal)
    const url = serviceUrl(options.apiUrl, `/v1/pages/${encodeURIComponent(page)}${path}`)
    const headers = { authorization: `OAuth ${apiKey}` }
    const answer = await ask({ method, url, headers, body, signal })
    if (answer.retryAfterMs !== null) turns.hold(answer.retryAfterMs)
    return answer
  }

  async function read(path: string, signal: AbortSignal): Promise<unknown> {
    const answer = await call({ method: 'GET', path }, signal)
    if (answer.status === 200) return answer.json
    throw answerFault(answer, { dependency: DEPENDENCY, doing: 'reading' })
  }

  async function byId(id: string, signal: AbortSignal): Promise<OnPage | null> {
    const answer = await call(
      { method: 'GET', path: `/incidents/${encodeURIComponent(id)}` },
      signal,
    )
    // Somebody has deleted it there.
    if (answer.status === 404) return null
    if (answer.status !== 200) {
      throw answerFault(answer, { dependency: DEPENDENCY, doing: 'reading' })
    }
    const parsed = Incident.safeParse(answer.json)
    if (!parsed.success) throw garbled(DEPENDENCY, 'reading')
    return parsed.data
  }

  async function marked(path: string, incident: string, signal: AbortSignal) {
    const parsed = Incidents.safeParse(await read(path, signal))
    if (!parsed.success) throw garbled(DEPENDENCY, 'reading')
    return parsed.data.find((one) => marksOf(one)?.incident === incident) ?? null
  }

  async function onPage(update: StatusUpdate, signal: AbortSignal): Promise<OnPage | null> {
    const known = update.page === null ? null : await byId(update.page, signal)
    if (known) return known
    const open = await marked('/incidents/unresolved', update.incident, signal)
    if (open || update.status !== 'resolved') return open
    return marked(`/incidents?limit=${NEWEST}&page=1`, update.incident, signal)
  }

  async function write(
    update: StatusUpdate,
    ours: OnPage | null,
    signal: AbortSignal,
  ): Promise<StatusReceipt> {
    const answer = await call(
      {
        ...(ours
          ? { method: 'PATCH', path: `/incidents/${encodeURIComponent(ours.id)}` }
          : { method: 'POST', path: '/incidents' }),
        body: { incident: written(update, ours, options.notifies) },
      },
      signal,
    )
    if (answer.status !== 200 && answer.status !== 201) {
      throw answerFault(answer, { dependency: DEPENDENCY, doing: 'writing' })
    }
    const parsed = Incident.safeParse(answer.json)
    if (!parsed.success) throw garbled(DEPENDENCY, 'writing')
    return receiptOf(parsed.data)
  }

  function receiptOf(incident: OnPage): StatusReceipt {
    return { id: incident.id, link: linkOf(incident), at: new Date(now()).toISOString() }
  }

  return {
    async publish(update, signal) {
      const ours = await onPage(update, signal)
      return ours && has(ours, update) ? receiptOf(ours) : write(update, ours, signal)
    },
    async find(update, signal) {
      const ours = await onPage(update, signal)
      return ours && has(ours, update) ? receiptOf(ours) : null
    },
    check: (signal) => checkStatuspage({ read, page, components: options.components }, signal),
  }
}

/** Its mark is there, or its very text: somebody may have removed the mark. */
function has(ours: OnPage, { key, body, status }: StatusUpdate): boolean {
  if (marksOf(ours)?.posts.includes(key)) return true
  const text = unrendered(body)
  return (ours.incident_updates ?? []).some((one) => one.body === text && one.status === status)
}

function written(update: StatusUpdate, ours: OnPage | null, notifies: boolean) {
  const { components, impact } = update
  const posts = [...((ours && marksOf(ours)?.posts) ?? []), update.key]
  return {
    // Whoever has renamed it there meant it.
    ...(ours ? {} : { name: unrendered(update.title) }),
    status: update.status,
    body: unrendered(update.body),
    ...(impact === null ? {} : { impact_override: impact }),
    ...(components.length === 0
      ? {}
      : {
          component_ids: components.map(({ id }) => id),
          components: Object.fromEntries(components.map(({ id, state }) => [id, state])),
        }),
    deliver_notifications: notifies,
    metadata: { backout: { incident: update.incident, posts: posts.join(' ') } },
  }
}
