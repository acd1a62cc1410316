import { jsonOf } from '../base/json-of.ts'
import { contentFit, type JudgedAnswer } from '../verification/expected-answer.ts'
import type { ExpectedAnswer } from '../verification/request-settings.ts'
import { isHealthy } from './service-pages.ts'

/** What the settings say a healthy answer is. */
export type Healthy = {
  readonly healthyStatuses?: readonly number[] | null | undefined
  readonly expect?: ExpectedAnswer | undefined
}

export type HealthAnswer = JudgedAnswer & {
  /** The path that answered in the end, where it sent us on. */
  readonly endedAt?: string
}

/**
 * What a health page tells. `not-judged`: it answered, and what it said is about us or about somebody else:
 * wrong credentials, a wrong path, a login page. That is no outage, and it is not well either (J10).
 */
export type HealthSeen = {
  readonly kind: 'passing' | 'failing' | 'not-judged'
  /** "HTTP 401: it refuses our credentials" */
  readonly says: string
}

/** The one rule of *healthy*, for the assessment, the proof, `verify` and the watch. */
export function healthOf(answer: HealthAnswer, { healthyStatuses, expect }: Healthy): HealthSeen {
  const { status } = answer
  const http = `HTTP ${status}`
  const statuses = healthyStatuses ?? expect?.status ?? null
  if (!isHealthy(status, statuses)) return otherStatus(status)
  if (expect && saysContent(expect)) return expectedContent(answer, expect)
  const said = saysOfItself(answer)
  if (said) return { ...said, says: `${http}, ${said.says}` }
  if (statuses === null && isHtml(answer)) return strangersPage(answer)
  return { kind: 'passing', says: http }
}

/** Why a status that is not healthy is not the service's own fault; others of these are ours too. */
const OURS: Readonly<Record<number, string>> = {
  401: 'it refuses our credentials',
  403: 'it refuses our credentials',
  404: 'there is no such page; is the path right?',
  405: 'it does not take our request; is the path right?',
  407: 'a proxy refuses our credentials',
  410: 'there is no such page any more; is the path right?',
  429: 'it is asked too often',
}

function otherStatus(status: number): HealthSeen {
  const http = `HTTP ${status}`
  const why = OURS[status]
  if (why !== undefined) return { kind: 'not-judged', says: `${http}: ${why}` }
  if (status >= 300 && status < 400) {
    return { kind: 'not-judged', says: `${http}: it sends us elsewhere` }
  }
  if (status >= 400 && status < 500) {
    return { kind: 'not-judged', says: `${http}: it does not take our request` }
  }
  return { kind: 'failing', says: http }
}

function saysContent({ json, contains, contentType }: ExpectedAnswer): boolean {
  return json.length + contains.length > 0 || contentType !== null
}

function expectedContent(answer: HealthAnswer, expect: ExpectedAnswer): HealthSeen {
  const http = `HTTP ${answer.status}`
  const fit = contentFit(answer, expect)
  switch (fit.kind) {
    case 'fits':
      return { kind: 'passing', says: [http, fit.says].filter(Boolean).join(', ') }
    case 'differs':
      return { kind: 'failing', says: `${http}, but ${fit.seen}; expected ${fit.expected}` }
    case 'other-kind':
      return { kind: 'not-judged', says: `${http}, but ${fit.seen}; expected ${fit.expected}` }
    case 'too-long':
      return { kind: 'not-judged', says: `${http}, but the answer is too long to be read whole` }
    default:
      return fit satisfies never
  }
}

/** Under these keys health pages tell how they are, and in these words. */
const KEYS = ['status', 'health', 'state', 'healthy', 'ok', 'success']
const ILL =
  /^(unhealthy|not[ _-]?(healthy|ok)|down|fail(ed|ing|ure)?|error|critical|out_of_service|unavailable|dead|false)$/i
const UNCLEAR =
  /^(unknown|degraded|warn(ing)?|partial|starting|initiali[sz]ing|stopping|maintenance)$/i

/** What a page says in JSON against its own status; `null`: nothing. */
function saysOfItself({ body }: HealthAnswer): HealthSeen | null {
  const root = jsonOf(body)
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return null
  const told = Object.entries(root).flatMap(([key, value]: [string, unknown]) => {
    const isWord = typeof value === 'string' || typeof value === 'boolean'
    return KEYS.includes(key.toLowerCase()) && isWord ? [{ key, word: String(value).trim() }] : []
  })
  const ill = told.find(({ word }) => ILL.test(word))
  if (ill) return { kind: 'failing', says: `but it says ${ill.key}: ${ill.word}` }
  const unclear = told.find(({ word }) => UNCLEAR.test(word))
  return unclear
    ? { kind: 'not-judged', says: `but it says ${unclear.key}: ${unclear.word}` }
    : null
}

function isHtml({ contentType, body }: HealthAnswer): boolean {
  return (
    /^(text\/html|application\/xhtml\+xml)$/i.test(contentType) ||
    /^\s*<(!doctype|html)/i.test(body)
  )
}

/** A page for people is what a load balancer, a login or a web server answers that has nobody behind it. */
function strangersPage({ status, endedAt }: HealthAnswer): HealthSeen {
  const from = endedAt && /^[\w./-]{1,60}$/.test(endedAt) ? ` of ${endedAt}, where it sends us` : ''
  const says = `HTTP ${status} with a page for people${from}; the settings can say that this is healthy`
  return { kind: 'not-judged', says }
}
