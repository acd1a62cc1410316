import type { ImageId, ImageLabels } from '../../../ports/containers.ts'
import { OURS, type Labels } from './labels.ts'

export const DOCKER_HUB = 'docker.io'

/** `registry.example/shop/backend` of `registry.example/shop/backend:v1@sha256:…`. */
export function repositoryOf(reference: string): string {
  const [name = reference] = reference.split('@')
  const colon = name.indexOf(':', name.lastIndexOf('/') + 1)
  return colon < 0 ? name : name.slice(0, colon)
}

/** The registry that it is pulled from: only a first part with a dot or a port, or `localhost`, names one. */
export function registryOf(reference: string): string {
  const [first = '', ...rest] = repositoryOf(reference).split('/')
  return rest.length > 0 && /[.:]|^localhost$/.test(first) ? first : DOCKER_HUB
}

/** `backend` and `docker.io/library/backend` are one repository. */
export function isSameRepository(one: string, other: string): boolean {
  return inFull(one) === inFull(other)
}

function inFull(reference: string): string {
  const repository = repositoryOf(reference)
  const registry = registryOf(repository)
  if (registry !== DOCKER_HUB) return repository
  const path = repository.replace(/^(index\.)?docker\.io\//, '')
  return `${DOCKER_HUB}/${path.includes('/') ? path : `library/${path}`}`
}

type Known = {
  readonly RepoTags: readonly string[]
  readonly RepoDigests: readonly string[]
}

/** What a container runs. Its image's name is not known any more where it was made of an id. */
export function imageIdOf(
  container: { readonly image: string; readonly imageId: string; readonly labels: Labels },
  image: Known | null,
): ImageId {
  const { image: asked, imageId: id, labels } = container
  const isId = /^(sha256:)?[0-9a-f]{12,64}$/.test(asked)
  const known = image?.RepoTags[0] ?? image?.RepoDigests[0]
  const reference = labels[OURS.image] ?? (isId ? (known ?? asked) : asked)
  return { id, reference, digest: digestOf(reference, image) }
}

export function digestOf(reference: string, image: Known | null): string | null {
  const digests = image?.RepoDigests ?? []
  return digests.find((one) => isSameRepository(one, reference)) ?? digests[0] ?? null
}

/** https://github.com/opencontainers/image-spec/blob/main/annotations.md */
export function imageLabels(labels: Labels): ImageLabels {
  const said = (name: string): string | null => labels[`org.opencontainers.image.${name}`] || null
  return {
    version: said('version'),
    commit: said('revision'),
    source: said('source'),
    authors: said('authors'),
    builtAt: said('created'),
  }
}
