import { isolationOf, type IsolationSeen } from '../../domain/assessment/isolation.ts'
import { serviceUrl } from '../../domain/base/service-url.ts'
import { MOST_PAGE_BYTES } from '../verification/requests.ts'
import type { Finding, Probe } from '../probe.ts'

const VERDICTS = {
  apart: 'healthy',
  leak: 'degraded',
  'not-known': 'inconclusive',
} as const satisfies Record<IsolationSeen['kind'], Finding['verdict']>

/** Somebody of one organisation does not see what belongs to another. The value is the HTTP status. */
export const tenantsApart: Probe = {
  id: 'tenants-apart',
  asks: null,
  needsFreshMetrics: false,
  questions: ({ services, isolation = [] }, { endpoints }) =>
    isolation.flatMap(({ name, service, headers, ...pages }) => {
      const base = services.find((one) => one.name === service)?.url
      if (base === undefined) return []
      return [
        {
          target: name,
          unit: 'HTTP status',
          query: `GET ${serviceUrl(base, pages.mustNotSee.path)}`,
          async ask({ signal }) {
            const page = (path: string) =>
              endpoints.ask({
                url: serviceUrl(base, path),
                headers,
                redirects: 'answer',
                maxBytes: MOST_PAGE_BYTES,
                signal,
              })
            const [own, other] = await Promise.all([
              page(pages.sees.path),
              page(pages.mustNotSee.path),
            ])
            const { kind, says } = isolationOf(own, other, pages)
            return { class: 'value', verdict: VERDICTS[kind], value: other.status, summary: says }
          },
        },
      ]
    }),
}
