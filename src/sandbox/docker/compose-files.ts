import { FLAG, type Production } from '../production.ts'
import type { SimulatedImage, SimulatedImages } from './images.ts'
import type { NewContainer } from './simulated-container.ts'
import { composed, composeName, type ComposeService } from './specification.ts'

/** What the team's file says of a service; without a version, the one that was deployed. */
type File = Omit<ComposeService, 'image'> & { readonly version?: string; readonly restart?: string }

/** The compose files on the hosts, which are the same everywhere, and what is made by them. */
export function composeFiles(
  facts: () => Production,
  images: SimulatedImages,
  services: readonly string[],
) {
  const files = new Map<string, File>()
  const of = (service: string): File =>
    files.get(service) ?? { service, environment: {}, obstacles: [] }
  const imageOf = (service: string): SimulatedImage => {
    const { version = facts().version } = of(service)
    return images.of(service, version)
  }

  /** What the bad version of the backend brought, in the scenario that is about it. */
  const flagOf = (
    service: string,
    image: SimulatedImage['id'],
  ): Readonly<Record<string, string>> => {
    const { version: bad, causedByFlag } = facts()
    const isBad = images.find(image)?.version === bad
    return causedByFlag && service === 'backend' && isBad ? { [FLAG]: 'true' } : {}
  }

  return {
    imageOf,
    forget: (): void => files.clear(),
    set(service: string, { version, ...changes }: Partial<Omit<File, 'service'>>): void {
      if (version !== undefined) images.build(version)
      const named = version === undefined ? {} : { version }
      files.set(service, { ...of(service), ...changes, ...named })
    },
    /** As `docker compose up` makes it. */
    container(
      host: string,
      service: string,
      startedAtMs: number,
      { id: image } = imageOf(service),
    ): NewContainer {
      const { version: _, restart: restartPolicy = 'unless-stopped', ...file } = of(service)
      return {
        host,
        service,
        name: composeName(service),
        image,
        specification: composed(
          { ...file, environment: { ...flagOf(service, image), ...file.environment }, image },
          services,
        ),
        restartPolicy,
        createdAtMs: startedAtMs,
        runs: [{ startedAtMs, endedAtMs: Infinity, restartPolicy }],
      }
    },
  }
}
