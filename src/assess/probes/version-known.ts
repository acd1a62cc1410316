import { serviceUrl } from '../../domain/base/service-url.ts'
import { toldVersion } from '../../domain/workload/service-pages.ts'
import { found, inconclusive, type Probe } from '../probe.ts'

export const versionKnown: Probe = {
  id: 'version-known',
  asks: null,
  needsFreshMetrics: false,
  questions: ({ services }, { endpoints }) =>
    services.flatMap((service) => {
      if (service.version === null) return []
      const url = serviceUrl(service.url, service.version)
      return [
        {
          target: service.name,
          unit: 'version',
          query: `GET ${url}`,
          async ask({ signal }) {
            const told = toldVersion(await endpoints.ask({ url, signal }))
            return told.version === null
              ? inconclusive('no-data', `tells no version: ${told.because}`)
              : found(told.version, 'healthy', `runs ${told.version}`)
          },
        },
      ]
    }),
}
