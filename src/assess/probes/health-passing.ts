import { serviceUrl } from '../../domain/base/service-url.ts'
import { Fault } from '../../domain/base/fault.ts'
import { healthAsked, healthOf, type HealthSeen } from '../../domain/workload/health-page.ts'
import type { EndpointQuestion, Endpoints } from '../../ports/endpoints.ts'
import type { ServiceSettings } from '../../domain/assessment/settings.ts'
import { askedThrice } from '../asked-thrice.ts'
import { found, type Finding, type Probe } from '../probe.ts'

/** The value of a probe that nothing answered: no HTTP status is 0. */
export const REFUSED = 0

const VERDICTS = {
  passing: 'healthy',
  failing: 'degraded',
  'not-judged': 'inconclusive',
} as const satisfies Record<HealthSeen['kind'], Finding['verdict']>

/** The value is the HTTP status; 0 when nothing listens there. */
export const healthPassing: Probe = {
  id: 'health-passing',
  asks: null,
  needsFreshMetrics: false,
  questions: ({ services }, { endpoints }) =>
    services.map((service) => {
      const url = serviceUrl(service.url, service.health)
      return {
        target: service.name,
        unit: 'HTTP status',
        query: `GET ${url}`,
        ask: ({ signal, settings: { deadlineMs } }) =>
          askedThrice(() => once(endpoints, service, { url, signal }), { deadlineMs, signal }),
      }
    }),
}

async function once(
  endpoints: Endpoints,
  service: ServiceSettings,
  question: EndpointQuestion,
): Promise<Finding> {
  try {
    const answer = await endpoints.ask({ ...question, ...healthAsked(service) })
    const { kind, says } = healthOf(answer, service)
    return { class: 'value', verdict: VERDICTS[kind], value: answer.status, summary: says }
  } catch (error) {
    // A refused connection is an observation: the host answered that nothing listens there.
    if (!(error instanceof Fault && error.code === 'ECONNREFUSED')) throw error
    return found(REFUSED, 'degraded', 'connection refused: nothing is listening')
  }
}
