import { membershipOfListed, type ConfiguredServices } from './membership.ts'
import { sparedBecause, type Surroundings } from './spared.ts'
import type { InspectedImage, Listed } from './schema.ts'

/** Containers that may be touched: of the settings, and of nothing of Backout's own. */
export function touchable(services: ConfiguredServices, around: Surroundings): readonly Listed[] {
  return around.all.filter(
    (one) => membershipOfListed(services, one) !== null && sparedBecause(one, around) === null,
  )
}

/** From where the images of these containers are, each in full. */
export function repositoriesOf(
  containers: readonly Listed[],
  images: readonly InspectedImage[],
): ReadonlySet<string> {
  const names = [
    ...containers.flatMap(({ Image, Labels }) => [Image, Labels['backout.image'] ?? '']),
    ...images.flatMap(({ RepoTags, RepoDigests }) => [...RepoTags, ...RepoDigests]),
  ]
  return new Set(names.filter((name) => name !== '' && !isId(name)).map(repositoryInFull))
}

function isId(name: string): boolean {
  return /^(sha256:)?[0-9a-f]{12,64}$/.test(name)
}

/** `docker.io/library/backend` of `backend:v1`. */
export function repositoryInFull(reference: string): string {
  const [name = ''] = reference.split('@')
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1)
  const repository = (colon < 0 ? name : name.slice(0, colon)).replace(
    /^(index\.)?docker\.io\//,
    '',
  )
  const [first = '', ...rest] = repository.split('/')
  if (rest.length > 0 && /[.:]|^localhost$/.test(first)) return repository
  return `docker.io/${rest.length > 0 ? repository : `library/${repository}`}`
}
