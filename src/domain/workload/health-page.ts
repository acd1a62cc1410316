import { contentFit, type JudgedAnswer } from '../verification/expected-answer.ts'
import type { ExpectedAnswer } from '../verification/request-settings.ts'
import { saidOfItself } from './page-says.ts'
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
  if (isLogin(answer)) return { kind: 'not-judged', says: `${http}${sentTo(answer)}: a login` }
  const said = saidOfItself(answer.body)
  if (said) {
    const kind = said.kind === 'ill' ? 'failing' : 'not-judged'
    return { kind, says: `${http}, but it says ${said.words}` }
  }
  if (statuses === null && isPageForPeople(answer)) return strangersPage(answer)
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

/** Frameworks call a bare word HTML where nobody has told them what it is: a page has tags. */
function isPageForPeople({ contentType, body }: HealthAnswer): boolean {
  const isCalledSo = /^(text\/html|application\/xhtml\+xml)$/i.test(contentType)
  return /^\s*<(!doctype|html)/i.test(body) || (isCalledSo && /<[a-z!][^>]*>/i.test(body))
}

const LOGIN = /(^|\/)(log-?in|sign-?in|sso|saml2?|oauth2?|auth(enticate|orize)?)(\/|\.|$)/i

/** Below `/auth` there may be a health page of its own. */
const OF_HEALTH = /(health|ready|live|status|ping)[\w.-]*\/?$/i

/** Whatever a login answers, it says nothing of the page that has sent us there. */
function isLogin({ endedAt }: HealthAnswer): boolean {
  return endedAt !== undefined && LOGIN.test(endedAt) && !OF_HEALTH.test(endedAt)
}

function sentTo({ endedAt }: HealthAnswer): string {
  return endedAt && /^[\w./-]{1,60}$/.test(endedAt) ? ` of ${endedAt}, where it sends us` : ''
}

/** A page for people is what a load balancer, a login or a web server answers that has nobody behind it. */
function strangersPage(answer: HealthAnswer): HealthSeen {
  const says = `HTTP ${answer.status} with a page for people${sentTo(answer)}; the settings can say that this is healthy`
  return { kind: 'not-judged', says }
}

/** How a health page is asked: where the settings call a redirect healthy, it is the answer. */
export function healthAsked({ healthyStatuses, expect }: Healthy): { redirects?: 'answer' } {
  const statuses = healthyStatuses ?? expect?.status ?? []
  return statuses.some((status) => status >= 300 && status < 400) ? { redirects: 'answer' } : {}
}
