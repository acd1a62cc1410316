import { z } from 'zod'
import type { Severity } from '../../domain/assessment/rule.ts'
import { toMs } from '../../domain/base/instant.ts'
import { jsonOf } from '../../domain/base/json-of.ts'
import type { Answered, Call, Pager, Taken } from '../../ports/pager.ts'
import { askingOver, type Ask, type Reached } from './asking.ts'
import { lineWithin, within } from './limits.ts'

/*
 * Integration events: https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v2/api-group-integration-events/
 * Limits of the fields: https://support.atlassian.com/opsgenie/docs/what-are-alerts-and-alert-fields/
 */

const LIMITS = {
  message: 130,
  alias: 512,
  description: 15_000,
  entity: 512,
  source: 100,
  user: 100,
  note: 25_000,
  tag: 50,
} as const

const PRIORITY: Record<Severity, string> = { critical: 'P1', high: 'P2', medium: 'P3', low: 'P4' }

/** Taken, and not done yet: what it comes to is not said. */
const Accepted = z.object({ requestId: z.string().max(200) })

const Refused = z.object({ message: z.string().max(10_000) })

const Alert = z.object({
  data: z.object({
    acknowledged: z.boolean(),
    status: z.string().max(50),
    owner: z.string().max(1_000).nullish(),
    updatedAt: z.string().nullish(),
    report: z
      .object({
        acknowledgedBy: z.string().max(1_000).nullish(),
        closedBy: z.string().max(1_000).nullish(),
      })
      .nullish(),
  }),
})

export type JiraOptions = Reached & {
  readonly url: string
  readonly apiKey: string
  readonly canRead: boolean
}

/**
 * Alerts of Jira Service Management. It knows a call by its alias: the same call while that alert is open
 * is counted on it and calls nobody, so that one whose answer was lost may be sent again.
 */
export function jiraServiceManagement(options: JiraOptions): Pager {
  const { url: base, apiKey, canRead } = options
  const headers = { authorization: `GenieKey ${apiKey}` }
  const ask = jiraAsking(options)

  async function send(path: string, body: object, signal: AbortSignal): Promise<Taken> {
    const { requestId } = await ask(
      { method: 'POST', url: `${base}${path}`, headers, body, signal },
      (text) => Accepted.safeParse(jsonOf(text)).data ?? null,
    )
    return { id: lineWithin(requestId, 200), link: null }
  }

  async function answeredBy(key: string, signal: AbortSignal): Promise<Answered | null> {
    const path = `/v2/alerts/${aliasOf(key)}?identifierType=alias`
    const { data } = await ask(
      { method: 'GET', url: `${base}${path}`, headers, signal },
      (text) => Alert.safeParse(jsonOf(text)).data ?? null,
    )
    const atMs = toMs(data.updatedAt ?? '')
    if ((!data.acknowledged && data.status !== 'closed') || Number.isNaN(atMs)) return null
    const by = data.report?.acknowledgedBy ?? data.report?.closedBy ?? data.owner ?? ''
    return { by: by === '' ? null : lineWithin(by, 120), atMs }
  }

  return {
    name: 'jira-service-management',
    repeat: 'harmless',
    trigger: (call, signal) => send('/v2/alerts', alertOf(call), signal),
    acknowledge: (key, by, signal) =>
      send(
        `/v2/alerts/${aliasOf(key)}/acknowledge?identifierType=alias`,
        { ...SOURCE, note: lineWithin(`${by} has it, says Backout`, LIMITS.note) },
        signal,
      ),
    resolve: (key, signal) =>
      send(
        `/v2/alerts/${aliasOf(key)}/close?identifierType=alias`,
        { ...SOURCE, note: 'It is over, says Backout' },
        signal,
      ),
    ...(canRead ? { answeredBy } : {}),
  }
}

const SOURCE = { source: 'Backout', user: 'Backout' } as const

function aliasOf(key: string): string {
  return encodeURIComponent(lineWithin(key, LIMITS.alias))
}

function alertOf({ key, summary, detail, severity, environment, incident, link }: Call) {
  const where = link === null ? '' : `\n${link}`
  return {
    ...SOURCE,
    message: lineWithin(summary, LIMITS.message),
    alias: lineWithin(key, LIMITS.alias),
    // The message takes little: what it leaves out stands here.
    description: within(`${lineWithin(summary, 1_000)}\n${detail}${where}`, LIMITS.description),
    entity: lineWithin(environment, LIMITS.entity),
    priority: PRIORITY[severity],
    tags: ['backout', lineWithin(environment, LIMITS.tag)],
    details: { incident: lineWithin(incident, 255) },
  }
}

export function jiraAsking(options: JiraOptions): Ask {
  return askingOver(options, {
    pager: 'jira-service-management',
    secrets: [options.apiKey],
    named: 'by-host',
    reason: (body) => Refused.safeParse(jsonOf(body)).data?.message ?? null,
  })
}
