import type { ImageAtHost, ImageId, LocalImage } from '../../../ports/containers.ts'
import { toIso } from '../../../domain/base/instant.ts'
import type { DockerHost } from '../client/client.ts'
import { inspectedImage, listed, platformOfHost } from '../read/ask.ts'
import type { Remembering } from '../read/asking.ts'
import { digestOf, imageIdOf, imageLabels, isSameRepository } from '../read/image-names.ts'
import { membersOf } from '../read/look.ts'
import type { DockerServices } from '../read/members.ts'
import { ListedImages, type InspectedImage } from '../read/schema.ts'

/** By its id; where another host has filled in that id, by its digest. */
export async function imageAt(
  host: DockerHost,
  { id, digest }: ImageId,
  signal: AbortSignal,
): Promise<ImageAtHost> {
  const [hostPlatform, byId] = await Promise.all([
    platformOfHost(host, signal),
    inspectedImage(host, id, signal),
  ])
  const found = byId ?? (digest === null ? null : await inspectedImage(host, digest, signal))
  return { ...told(host, found), hostPlatform }
}

function told(
  { name }: DockerHost,
  found: InspectedImage | null,
): Omit<ImageAtHost, 'hostPlatform'> {
  return {
    host: name,
    id: found?.Id ?? null,
    platform: found ? platformOf(found) : null,
    volumes: found ? Object.keys(found.Config.Volumes).toSorted() : [],
    bytes: found?.Size ?? null,
  }
}

/** The same from what is known of images, which never change, and one question for all that lie there. */
export async function imageAtAGlance(
  host: DockerHost,
  { id, digest }: ImageId,
  asking: Remembering,
  signal: AbortSignal,
): Promise<ImageAtHost> {
  const [hostPlatform, lying] = await Promise.all([asking.platform(signal), asking.images(signal)])
  const there =
    lying.find(({ Id }) => Id === id) ??
    lying.find(({ RepoDigests }) => digest !== null && RepoDigests.includes(digest))
  // One without a name that a container is made of is not listed.
  const found = there ? await asking.image(there.Id, signal) : null
  return found
    ? { ...told(host, found), hostPlatform }
    : imageAt(host, { id, digest, reference: '' }, signal)
}

/** Without its variant, which a host does not tell of itself. */
function platformOf({ Os, Architecture }: InspectedImage): string | null {
  return Os === '' || Architecture === '' ? null : `${Os}/${Architecture}`
}

/** Two questions: what lies there, and what runs. */
export async function localImagesAt(
  host: DockerHost,
  services: DockerServices,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<readonly LocalImage[]> {
  const [all, images] = await Promise.all([
    listed(host, signal),
    host.get(ListedImages, { path: '/images/json', signal }),
  ])
  const members = membersOf(all, services, wanted)
  const byId = new Map(images.map((image) => [image.Id, image]))
  const repositories = members.map(({ one }) => {
    const container = { image: one.Image, imageId: one.ImageID, labels: one.Labels }
    return imageIdOf(container, byId.get(one.ImageID) ?? null).reference
  })
  const running = new Set(
    members.filter(({ member }) => member.role === 'serving').map(({ one }) => one.ImageID),
  )
  const isOfThem = (name: string): boolean =>
    repositories.some((repository) => isSameRepository(repository, name))
  // An Engine tells those of one second in any order.
  return images
    .toSorted((a, b) => b.Created - a.Created || (a.Id < b.Id ? -1 : 1))
    .filter(({ Id }) => !running.has(Id))
    .flatMap((image) => {
      const tags = image.RepoTags.filter((tag) => tag !== '<none>:<none>')
      const names = (tags.length > 0 ? tags : image.RepoDigests).filter(isOfThem)
      return names.map((reference) => ({
        host: host.name,
        image: { id: image.Id, reference, digest: digestOf(reference, image) },
        labels: imageLabels(image.Labels),
        builtAt: image.Created > 0 ? toIso(image.Created * 1_000) : null,
      }))
    })
}
