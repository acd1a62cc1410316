import type { Container } from '../../../ports/containers.ts'
import type { DockerHost } from '../client/client.ts'
import { nameOf } from './ask.ts'
import { anew, type Asking } from './asking.ts'
import { membershipOf, type DockerServices, type Membership } from './members.ts'
import { mayNotEnd, obstaclesOf } from './obstacles.ts'
import type { Inspected, InspectedImage, Listed } from './schema.ts'
import { toContainer } from './to-container.ts'

export type Known = {
  readonly services: DockerServices
  /** The container that this bot runs in. */
  readonly ownId: () => Promise<string | null>
}

export type Member = { readonly one: Listed; readonly member: Membership }

/** Those of the list that belong to one of these services. */
export function membersOf(
  all: readonly Listed[],
  services: DockerServices,
  wanted: readonly string[],
): readonly Member[] {
  // An Engine tells those of one second in any order.
  const ordered = all.toSorted((a, b) => b.Created - a.Created || (a.Id < b.Id ? -1 : 1))
  return ordered.flatMap((one) => {
    const member = membershipOf(services, { id: one.Id, name: nameOf(one), labels: one.Labels })
    return member && wanted.includes(member.service) ? [{ one, member }] : []
  })
}

/** Two questions for the host, one for each container and one for each image that they run. */
export async function sightingsAt(
  host: DockerHost,
  { services, ownId }: Known,
  wanted: readonly string[],
  signal: AbortSignal,
  asking: Asking = anew(host),
): Promise<readonly Container[]> {
  const [all, nowMs, own] = await Promise.all([
    asking.listed(signal),
    asking.nowMs(signal),
    ownId(),
  ])
  const members = membersOf(all, services, wanted)
  const [seen, images] = await Promise.all([
    Promise.all(members.map(({ one }) => asking.inspected(one, signal))),
    imagesById(
      asking,
      members.map(({ one }) => one.ImageID),
      signal,
    ),
  ])
  const there = seen.filter((one): one is Inspected => one !== null)
  return members.flatMap(({ member }, index) => {
    const container = seen[index]
    // Gone since it was listed.
    if (!container) return []
    const image = images.get(container.Image) ?? null
    const around = { listed: all, inspected: there, hasImage: image !== null, ownId: own }
    const obstacles = obstaclesOf(container, around)
    const stands = { obstacles, mayNotEnd: mayNotEnd(container, around) }
    return [toContainer(container, { host: host.name, services, member, image, ...stands, nowMs })]
  })
}

async function imagesById(
  asking: Asking,
  ids: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, InspectedImage>> {
  const found = await Promise.all(
    [...new Set(ids)].map(async (id) => [id, await asking.image(id, signal)] as const),
  )
  return new Map(found.flatMap(([id, image]) => (image ? [[id, image] as const] : [])))
}
