import { serviceUrl } from '../../domain/base/service-url.ts'
import { z } from 'zod'
import { found, inconclusive, type Probe } from '../probe.ts'

const VersionAnswer = z.object({ version: z.string().min(1).max(200) })

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
            const answer = await endpoints.ask({ url, signal })
            if (answer.status !== 200) {
              return inconclusive('error', `its version page answers HTTP ${answer.status}`)
            }
            const version = parseVersion(answer.body)
            if (version === null) return inconclusive('error', 'its version page names no version')
            return found(version, 'healthy', `runs ${version}`)
          },
        },
      ]
    }),
}

function parseVersion(body: string): string | null {
  try {
    return VersionAnswer.parse(JSON.parse(body)).version
  } catch {
    return null
  }
}
