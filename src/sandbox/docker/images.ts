import type { AtRegistry, ImageId, ImageLabels } from '../../ports/containers.ts'
import { commitOf, imageOf } from '../release.ts'
import { digest } from '../metrics/noise.ts'
import type { Production } from '../production.ts'
import type { Behaviour } from './container-life.ts'

export type SimulatedImage = {
  readonly service: string
  readonly version: string
  readonly id: ImageId & { readonly digest: string }
  readonly labels: ImageLabels
}

const minutesMs = 60_000
const daysMs = 24 * 60 * minutesMs

/** Nothing but its name tells one image from another here. */
export function imageId(reference: string): ImageId & { readonly digest: string } {
  const [repository = reference] = reference.split(':')
  return {
    id: `sha256:${digest(`image ${reference}`)}`,
    digest: `${repository}@sha256:${digest(`manifest ${reference}`)}`,
    reference,
  }
}

/** What was ever built of the services, and what each image does when it is started. */
export function simulatedImages(
  { facts, deployedAtMs }: { readonly facts: () => Production; readonly deployedAtMs: number },
  services: readonly string[],
) {
  const built = new Set<string>()
  const ids = new Map<string, SimulatedImage['id']>()
  /** Of versions: the folders that their images declare as volumes. */
  const declared = new Map<string, readonly string[]>()
  /** Digests that the registry has no more. */
  const removed = new Set<string>()

  const builtAtMs = (version: string): number => {
    if (version === facts().version) return deployedAtMs - 15 * minutesMs
    return deployedAtMs - (version === facts().previousVersion ? 6 : 19) * daysMs
  }

  const versions = (): ReadonlySet<string> => {
    const { version, previousVersion, sickVersions } = facts()
    return new Set([version, previousVersion, 'v1.8.3', ...Object.keys(sickVersions), ...built])
  }

  const idOf = (reference: string): SimulatedImage['id'] => {
    const id = ids.get(reference) ?? imageId(reference)
    ids.set(reference, id)
    return id
  }

  const of = (service: string, version: string): SimulatedImage => ({
    service,
    version,
    id: idOf(imageOf(service, version)),
    labels: {
      version,
      commit: commitOf(version),
      source: `https://git.example/pipeshub/${service}`,
      authors: null,
      builtAt: new Date(builtAtMs(version)).toISOString(),
    },
  })

  const all = (): readonly SimulatedImage[] =>
    services.flatMap((service) => [...versions()].map((version) => of(service, version)))

  const isPublished = ({ digest: wanted }: ImageId): boolean =>
    !removed.has(wanted ?? '') &&
    all().some(
      ({ id, version }) => id.digest === wanted && !facts().missingVersions.includes(version),
    )

  return {
    all,
    of,
    /** A pipeline builds it, if that was not done before. */
    build: (version: string): void => void built.add(version),
    forget(): void {
      built.clear()
      declared.clear()
    },
    declare: (version: string, volumes: readonly string[]): void =>
      void declared.set(version, volumes),
    declaredBy: (version: string): readonly string[] => declared.get(version) ?? [],
    find: ({ id }: Pick<ImageId, 'id'>): SimulatedImage | undefined =>
      all().find((one) => one.id.id === id),
    /** Whether its registry has it. */
    isPublished,
    atRegistry: (image: ImageId): AtRegistry =>
      isPublished(image)
        ? { kind: 'there' }
        : { kind: 'gone', because: 'its registry does not have it any more' },
    /** A clean-up of the registry takes it, or it is pushed again. */
    setPublished({ digest: its }: SimulatedImage['id'], state: 'there' | 'gone'): void {
      if (state === 'there') removed.delete(its)
      else removed.add(its)
    },

    behaviour(version: string | null): Behaviour {
      const { crashLooping, version: faulty, sickVersions } = facts()
      if (crashLooping && version === faulty) return { kind: 'exits', code: 1 }
      const sick = version === null ? undefined : sickVersions[version]
      if (sick === 'unhealthy') return { kind: 'unhealthy', says: 'no database' }
      return sick === 'exits' ? { kind: 'exits', code: 3 } : { kind: 'well' }
    },
  }
}

export type SimulatedImages = ReturnType<typeof simulatedImages>
