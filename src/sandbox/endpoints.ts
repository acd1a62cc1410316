import { Fault } from '../domain/base/fault.ts'
import type { ServiceSettings } from '../domain/assessment/settings.ts'
import type { EndpointAnswer, EndpointQuestion, Endpoints } from '../ports/endpoints.ts'
import { FLAG_PAGE } from './flag-page.ts'
import { answering } from './simulated-availability.ts'
import { json, simulatedPages } from './pages.ts'
import type { Stage } from './production.ts'

const defaultMaxBytes = 64 * 1024

/** The services' own pages, at the addresses where the probes look for them. */
export function sandboxEndpoints(
  stage: Stage,
  services: readonly ServiceSettings[],
  flagsOf: (service: string) => EndpointAnswer | null = () => null,
): Endpoints {
  const answer = answering('http', stage)
  const { page: pageForPeople } = simulatedPages()

  const page = (service: ServiceSettings, question: EndpointQuestion): EndpointAnswer => {
    const { origin, pathname } = new URL(question.url)
    const url = `${origin}${pathname}`
    const version = stage.serving(service.name, stage.now())
    // What a load balancer says that has nobody left to ask.
    if (version === null) return json(503, { error: 'no healthy upstream' })
    if (url === addressOf(service, service.health)) return json(200, { status: 'ok' })
    if (service.version !== null && url === addressOf(service, service.version)) {
      return json(200, { version })
    }
    const flags = url === addressOf(service, FLAG_PAGE) ? flagsOf(service.name) : null
    if (flags) return flags
    return pageForPeople(question, stage.production()) ?? json(404, { error: 'not found' })
  }

  return {
    ask: async (question) => {
      const { url, signal, maxBytes = defaultMaxBytes } = question
      const asked = URL.parse(url)
      const service = asked && ownerOf(services, asked)
      if (!asked || !service) {
        const detail = `name not found at ${asked?.host ?? 'no address'}`
        throw new Fault({ kind: 'retryable', dependency: 'http', detail, code: 'ENOTFOUND' })
      }
      return answer(stage.production().services, signal, () => {
        const whole = page(service, question)
        const truncated = whole.body.length > maxBytes
        return { ...whole, body: whole.body.slice(0, maxBytes), truncated }
      })
    },
  }
}

const addressOf = (service: ServiceSettings, path: string): string =>
  new URL(path, service.url).href.split('?', 1)[0] ?? ''

/** Services that share a host are told apart by their pages, and else by the path they live below. */
function ownerOf(services: readonly ServiceSettings[], asked: URL): ServiceSettings | undefined {
  const here = services.filter(({ url }) => new URL(url).origin === asked.origin)
  const below = here.filter(({ url }) => asked.pathname.startsWith(new URL(url).pathname))
  const own = here.find(({ health }) => health === asked.pathname)
  return own ?? below.toSorted((a, b) => b.url.length - a.url.length)[0] ?? here[0]
}
