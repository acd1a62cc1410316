import { toIso } from '../../../domain/base/instant.ts'
import type { ContainerWrite, ContainerWritten, KeptImage } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { inspectedImage } from '../read/ask.ts'
import type { DockerServices } from '../read/members.ts'
import { ListedImages } from '../read/schema.ts'
import { changed, refused, sent } from '../write/answers.ts'

/** How what a container had written is named: `backout-kept/backend:3f2a91c0d4e5`. */
const NAME = /^backout-kept\/([a-z0-9][a-z0-9._-]{0,200}):[\w][\w.-]{0,127}$/

const REMOVE_MS = 60_000

export async function keptImagesAt(
  host: DockerHost,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<readonly KeptImage[]> {
  const images = await host.get(ListedImages, { path: '/images/json', signal })
  const sizes = new Map(images.map(({ Id, Size }) => [Id, Size ?? null]))
  return images
    .toSorted((a, b) => b.Created - a.Created || (a.Id < b.Id ? -1 : 1))
    .flatMap(({ Id, RepoTags, Created, Size, ParentId }) => {
      const below = sizes.get(ParentId) ?? null
      const bytes = Size == null || below === null ? null : Math.max(0, Size - below)
      return RepoTags.flatMap((name) => {
        const service = NAME.exec(name)?.[1]
        if (service === undefined || !wanted.includes(service)) return []
        const createdAt = toIso(Created * 1_000)
        return [{ host: host.name, service, name, id: Id, createdAt, bytes }]
      })
    })
}

type RemoveImage = Extract<ContainerWrite, { kind: 'remove-image' }>

/** Only what this bot has made, and nothing that it was built on. */
export async function removeImage(
  host: DockerHost,
  services: DockerServices,
  { id, name }: RemoveImage,
  signal: AbortSignal,
): Promise<ContainerWritten> {
  const service = NAME.exec(name)?.[1]
  if (service === undefined || !Object.hasOwn(services, service)) {
    return refused(`${name} is nothing that was kept of a service of the settings`)
  }
  const found = await inspectedImage(host, name, signal)
  // A name means whatever has it now (J5).
  if (found?.Id !== id) return changed(`${name} is not that image any more`)
  const query = { force: 'false', noprune: 'true' }
  const path = `/images/${encodeURI(name)}`
  const said = await sent(() =>
    host.write({ method: 'DELETE', path, query, signal, deadlineMs: REMOVE_MS }),
  )
  if (said.kind === 'done') return said
  // A conflict is that somebody has a container of it.
  return /no such image/i.test(said.because) ? changed(said.because) : refused(said.because)
}
