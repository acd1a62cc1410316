import { z } from 'zod'
import type { Severity } from '../../domain/assessment/rule.ts'
import { toMs } from '../../domain/base/instant.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { Answered, Call, Pager, Taken } from '../../ports/pager.ts'
import { askingOver, type Ask, type Reached } from './asking.ts'
import { lineWithin, within } from './limits.ts'

/*
 * Events API v2: https://developer.pagerduty.com/docs/events-api-v2-overview
 * Reading: https://developer.pagerduty.com/api-reference/9d0b4b12e36f9-list-incidents
 */

/** What the documentation allows; the whole of an event at most 512 KB. */
const LIMITS = { key: 255, summary: 1024, source: 255, detail: 8_000 } as const

const SEVERITY: Record<Severity, string> = {
  critical: 'critical',
  high: 'error',
  medium: 'warning',
  low: 'info',
}

const Accepted = z.object({ status: z.literal('success'), dedup_key: z.string().max(1_000) })

const Refused = z.object({
  message: z.string().optional(),
  errors: z.array(z.string()).max(100).optional(),
})

const Named = z.object({ summary: z.string().max(1_000).nullish() })

const Incidents = z.object({
  incidents: z.array(
    z.object({
      id: z.string().max(200),
      status: z.enum(['triggered', 'acknowledged', 'resolved']),
      html_url: z.string().max(2_000).nullish(),
      acknowledgements: z
        .array(z.object({ at: z.string(), acknowledger: Named }))
        .max(1_000)
        .default([]),
      last_status_change_at: z.string().nullish(),
      last_status_change_by: Named.nullish(),
    }),
  ),
})
type Incident = z.infer<typeof Incidents>['incidents'][number]

export type PagerDutyOptions = Reached & {
  readonly eventsUrl: string
  readonly apiUrl: string
  readonly routingKey: string
  /** Without one nobody can be asked who has acknowledged. */
  readonly apiToken: string | undefined
}

/**
 * PagerDuty. It knows a call by its `dedup_key`: the same call under an open alert adds a line to that
 * alert and calls nobody, so that one whose answer was lost may be sent again.
 */
export function pagerDuty(options: PagerDutyOptions): Pager {
  const { eventsUrl, routingKey, apiToken } = options
  const ask = pagerDutyAsking(options)

  async function send(event: object, signal: AbortSignal): Promise<Taken> {
    const body = { routing_key: routingKey, ...event }
    const url = `${eventsUrl}/v2/enqueue`
    const { dedup_key: id } = await ask(
      { method: 'POST', url, headers: {}, body, signal },
      (text) => Accepted.safeParse(jsonOf(text)).data ?? null,
    )
    return { id: lineWithin(id, LIMITS.key), link: null }
  }

  const asking = apiToken === undefined ? {} : questions(options, ask)
  return {
    name: 'pagerduty',
    repeat: 'harmless',
    trigger: (call, signal) => send(triggerOf(call), signal),
    acknowledge: (key, _by, signal) =>
      send({ event_action: 'acknowledge', dedup_key: keyOf(key) }, signal),
    resolve: (key, signal) => send({ event_action: 'resolve', dedup_key: keyOf(key) }, signal),
    ...asking,
  }
}

function keyOf(key: string): string {
  return lineWithin(key, LIMITS.key)
}

function triggerOf({ key, summary, detail, severity, environment, incident, since, link }: Call) {
  return {
    event_action: 'trigger',
    dedup_key: keyOf(key),
    client: 'Backout',
    payload: {
      summary: lineWithin(summary, LIMITS.summary),
      source: lineWithin(environment, LIMITS.source),
      severity: SEVERITY[severity],
      timestamp: since,
      component: 'backout',
      custom_details: {
        incident: lineWithin(incident, 255),
        details: within(detail, LIMITS.detail),
      },
    },
    ...(link === null ? {} : { links: [{ href: link, text: 'The incident in Slack' }] }),
  }
}

/** What only the REST API answers. */
function questions(
  options: PagerDutyOptions,
  ask: Ask,
): Required<Pick<Pager, 'find' | 'answeredBy'>> {
  async function newest(key: string, signal: AbortSignal): Promise<Incident | null> {
    const query = new URLSearchParams({ incident_key: keyOf(key), sort_by: 'created_at:desc' })
    for (const status of ['triggered', 'acknowledged', 'resolved'])
      query.append('statuses[]', status)
    const { incidents } = await askRest(options, ask, `/incidents?${query.toString()}`, signal)
    return incidents[0] ?? null
  }

  return {
    async find(key, signal) {
      const found = await newest(key, signal)
      return found && { id: found.id, link: found.html_url ?? null }
    },
    async answeredBy(key, signal) {
      const found = await newest(key, signal)
      return found && answerOf(found)
    },
  }
}

function answerOf({
  status,
  acknowledgements,
  last_status_change_at: changedAt,
  last_status_change_by: changedBy,
}: Incident): Answered | null {
  if (status === 'triggered') return null
  const [first] = acknowledgements
  const by = first?.acknowledger.summary ?? changedBy?.summary ?? null
  const atMs = toMs(first?.at ?? changedAt ?? '')
  if (Number.isNaN(atMs)) return null
  return { by: by === null ? null : lineWithin(by, 120), atMs }
}

/** Also how a token is tried: it asks for nothing but a list. */
export function askRest(
  { apiUrl, apiToken = '' }: Pick<PagerDutyOptions, 'apiUrl' | 'apiToken'>,
  ask: Ask,
  path: string,
  signal: AbortSignal,
): Promise<z.infer<typeof Incidents>> {
  const headers = {
    authorization: `Token token=${apiToken}`,
    accept: 'application/vnd.pagerduty+json;version=2',
  }
  return ask(
    { method: 'GET', url: `${apiUrl}${path}`, headers, signal },
    (text) => Incidents.safeParse(jsonOf(text)).data ?? null,
  )
}

export function pagerDutyAsking(options: PagerDutyOptions): Ask {
  const { routingKey, apiToken = '' } = options
  return askingOver(options, {
    pager: 'pagerduty',
    secrets: [routingKey, apiToken],
    named: 'by-host',
    reason(body) {
      const refused = Refused.safeParse(jsonOf(body)).data
      return refused?.errors?.join('; ') ?? refused?.message ?? null
    },
  })
}
