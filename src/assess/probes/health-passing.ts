import { serviceUrl } from '../../domain/base/service-url.ts'
import { Fault } from '../../domain/base/fault.ts'
import { isHealthy } from '../../domain/workload/service-pages.ts'
import { found, type Finding, type Probe } from '../probe.ts'

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
        async ask({ signal }): Promise<Finding> {
          try {
            const { status } = await endpoints.ask({ url, signal })
            const good = isHealthy(status, service.healthyStatuses)
            return found(status, good ? 'healthy' : 'degraded', `HTTP ${status}`)
          } catch (error) {
            // A refused connection is an observation: the host answered that nothing listens there.
            if (!(error instanceof Fault && error.code === 'ECONNREFUSED')) throw error
            return found(0, 'degraded', 'connection refused: nothing is listening')
          }
        },
      }
    }),
}
