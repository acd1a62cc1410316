import { createHash } from 'node:crypto'
import { toIso } from '../../../domain/base/instant.ts'
import { canonicalJson } from '../../../domain/text/canonical-json.ts'
import type { Revision, Workload } from '../../../domain/workload/workload.ts'
import { nameOf } from './ask.ts'
import { imageIdOf } from './image-names.ts'
import { OURS, othersLabels } from './labels.ts'
import { makerIn } from './made-by.ts'
import type { DockerService } from './members.ts'
import type { Listed } from './schema.ts'

/** One container as the list tells it, with what only a closer look does. */
export type Told = {
  readonly host: string
  readonly one: Listed
  readonly restarts: number
  readonly trouble: string | null
}

/** All containers of a service, on every host; of one that was put aside another one has taken the place. */
export function toWorkload(
  service: string,
  known: DockerService,
  told: readonly Told[],
  makerSeen: (id: string) => string | null = () => null,
): Workload | null {
  const places = Map.groupBy(told, placeOf)
  const inForce = [...places.values()].map(inPlace).filter((one) => one !== undefined)
  const newest = newestOf(inForce)
  if (!newest) return null
  const current = revisionOf(newest.one)
  const ready = inForce.filter(({ one }) => isReady(one))
  const label = newest.one.Labels
  const troubles = inForce.flatMap(({ one, trouble }) =>
    trouble === null ? [] : [`${nameOf(one)}: ${trouble}`],
  )
  // One that only starts is in no trouble here.
  const [stuck] = troubles
  return {
    service,
    unit: 'container',
    name:
      known.kind === 'compose'
        ? `compose service ${known.project}/${known.service}`
        : `container ${known.name}`,
    desired: inForce.length,
    ready: ready.length,
    updated: inForce.filter(({ one }) => one.ImageID === newest.one.ImageID).length,
    restarts: inForce.reduce((sum, { restarts }) => sum + restarts, 0),
    troubles,
    ...(stuck === undefined ? {} : { stuck }),
    paused: inForce.some(({ one }) => one.State === 'paused'),
    ownedBy: 'com.docker.swarm.service.name' in label ? 'a swarm service' : null,
    madeBy: makerIn(label, newest.one.ImageID) ?? makerSeen(newest.one.Id),
    templateIsOurs: label[OURS.mark] !== undefined,
    servedBy: null,
    managedBy: label['com.centurylinklabs.watchtower.enable'] === 'true' ? ['Watchtower'] : [],
    current,
    previous: [],
    changed: null,
  }
}

/** Compose counts the containers of a service on a host. */
function placeOf({ host, one: { Labels } }: Told): string {
  return `${host} ${Labels['com.docker.compose.container-number'] ?? '1'}`
}

/** Of several in one place the one that runs; where none does, the newest. */
function inPlace(told: readonly Told[]): Told | undefined {
  const running = told.filter(({ one }) => isUp(one))
  return newestOf(running.length > 0 ? running : told)
}

function newestOf(told: readonly Told[]): Told | undefined {
  return told.toSorted((a, b) => b.one.Created - a.one.Created)[0]
}

function isUp({ State }: Listed): boolean {
  return State === 'running' || State === 'restarting' || State === 'paused'
}

function isReady({ State, Status }: Listed): boolean {
  return State === 'running' && !/\((unhealthy|health: starting)\)/.test(Status)
}

function revisionOf(one: Listed): Revision {
  const { ImageID, Image, Labels, Created } = one
  const image = imageIdOf({ image: Image, imageId: ImageID, labels: Labels }, null)
  const said = canonicalJson([ImageID, othersLabels(Labels)])
  return {
    number: 1,
    uid: ImageID,
    templateHash: ImageID.replace('sha256:', '').slice(0, 12),
    images: [image.reference],
    content: createHash('sha256').update(said).digest('hex'),
    needs: [],
    createdAt: toIso(Created * 1_000),
  }
}
