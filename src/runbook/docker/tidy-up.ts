import { bytesInWords } from '../../domain/text/amounts.ts'
import { imageVersion } from '../../domain/workload/ledger.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import { partOf } from '../parts/part.ts'
import { containersOf } from '../parts/require-port.ts'
import type { Tidying } from '../parts/tidying.ts'
import { targetOf } from './containers-of.ts'
import { isLeftOver } from './serving.ts'
import { removeKept } from './steps/remove-kept.ts'

/** What rollbacks have kept on the hosts, and with it the ways back that need it. */
export const keptContainers: Tidying = async ({ world, settings, signal }) => {
  if (!settings.docker) return { kind: 'nothing', because: null }
  const { services } = settings.docker
  const hosts = containersOf(world)
  const [seen, images] = await Promise.all([
    hosts.sightings(services, signal),
    hosts.keptImages(services, signal),
  ])
  const kept = seen.filter((one) => one.role === 'kept' || isLeftOver(one, seen))
  if (kept.length === 0 && images.length === 0) {
    return { kind: 'nothing', because: 'nothing is kept on any host' }
  }
  const sizes = await Promise.all(
    kept.map(async ({ host, image }) => (await hosts.imageAt(host, image, signal)).bytes),
  )
  const part = partOf(
    removeKept,
    {
      containers: kept.map(({ service, host, name, id }) => ({ service, host, name, id })),
      images: images.map(({ service, host, name, id }) => ({ service, host, name, id })),
    },
    {
      changes: [
        ...kept.map((one, index) => ({
          what: `${one.name} on ${one.host}`,
          from: `${imageVersion(one)}, kept since ${utcDayAndTime(one.createdAt)}, holds an image of ${sizeInWords(sizes[index] ?? null)}`,
          to: 'removed',
        })),
        ...images.map((one) => ({
          what: `image ${one.name} on ${one.host}`,
          from: `what ${one.service} had written beside its volumes, ${sizeInWords(one.bytes)}, kept since ${utcDayAndTime(one.createdAt)}`,
          to: 'removed',
        })),
      ],
      targets: [...kept.map(targetOf), ...images.map(({ host, name }) => `image ${host}/${name}`)],
      lost: [
        ...(kept.length > 0 ? ['The rollbacks that left them cannot be undone any more.'] : []),
        ...(images.length > 0 ? ['What containers had written beside their volumes is gone.'] : []),
        'No volume is touched, and no image that was not made by this bot.',
      ],
    },
  )
  const what = [counted(kept.length, 'kept container'), counted(images.length, 'kept image')]
    .filter((one) => !one.startsWith('0 '))
    .join(' and ')
  return { kind: 'kept', part, what, ofPeople: false }
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

function sizeInWords(bytes: number | null): string {
  return bytes === null ? 'a size that is not known' : bytesInWords(bytes)
}
