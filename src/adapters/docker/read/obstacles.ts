import { nameOf } from './ask.ts'
import type { Inspected, Listed } from './schema.ts'
import { calledAs, isMeant, sharedWith } from './shares.ts'

export type Surroundings = {
  /** Every container of the host. */
  readonly listed: readonly Pick<Listed, 'Id' | 'Names' | 'HostConfig' | 'State'>[]
  /** The others that were looked at closely. */
  readonly inspected: readonly Pick<Inspected, 'Id' | 'Name' | 'HostConfig'>[]
  /** Whether its image is still on the host. */
  readonly hasImage: boolean
  /** The container that this bot runs in; `null`: none on that host, as far as is known. */
  readonly ownId: string | null
}

type Clauses = readonly (readonly [stands: boolean, says: string])[]

/** With its end it would be gone, it could not start again, or something else would start another one in its place. */
export function mayNotEnd(
  container: Inspected,
  { ownId, listed }: Pick<Surroundings, 'ownId' | 'listed'>,
): readonly string[] {
  return standing([
    [container.Id === ownId, RUNS_THIS],
    ...endings(container),
    ...cannotJoin(container, listed),
  ])
}

/** An Engine starts nothing that is to join a container which does not run. */
function cannotJoin(
  { HostConfig: { NetworkMode, PidMode, IpcMode } }: Inspected,
  listed: Surroundings['listed'],
): Clauses {
  const joins = [
    ['network', NetworkMode],
    ['processes', PidMode],
    ['memory', IpcMode],
  ] as const
  return joins.map(([what, mode]) => {
    const isThere = listed.some((one) => {
      return one.State === 'running' && isMeant(mode, { Id: one.Id, Name: nameOf(one) }, listed)
    })
    const says = `it could not start again, as the container whose ${what} it shares does not run`
    return [mode.startsWith('container:') && !isThere, says]
  })
}

const RUNS_THIS = 'this bot itself runs in it'

function endings({ HostConfig: host, Config: { Labels } }: Inspected): Clauses {
  return [
    [host.AutoRemove === true, 'it is removed as soon as it stops'],
    ['com.docker.swarm.service.id' in Labels, 'it belongs to a swarm service'],
    ['io.kubernetes.pod.uid' in Labels, 'it belongs to a Kubernetes pod'],
  ]
}

function standing(clauses: Clauses): readonly string[] {
  return clauses.flatMap(([stands, says]) => (stands ? [says] : []))
}

/** Why it cannot be made again as it is, each in a clause. */
export function obstaclesOf(container: Inspected, around: Surroundings): readonly string[] {
  const obstacles: Clauses = [
    [container.Id === around.ownId, RUNS_THIS],
    [!around.hasImage, 'its image is no longer on the host, so what is its own cannot be told'],
    ...ownObstacles(container),
  ]
  return [...standing(obstacles), ...sharedBy(container, around)]
}

/** What it says of itself. */
export function ownObstacles(container: Inspected): Clauses {
  const { HostConfig: host, Mounts } = container
  const sharesWith = [host.NetworkMode, host.IpcMode, host.PidMode, host.UTSMode, host.UsernsMode]
  return [
    [
      sharesWith.some((mode) => mode.startsWith('container:')),
      'it shares the network or the processes of another container',
    ],
    [host.VolumesFrom.length > 0, 'it takes its volumes from another container'],
    [
      Mounts.some(({ Type, Name }) => Type === 'volume' && Name === ''),
      'it has a volume that its host calls by no name',
    ],
    [host.Links.length > 0, 'it is linked to other containers'],
    ...endings(container),
  ]
}

/** As far as the list, and what was looked at closely, tell it. */
function sharedBy(container: Inspected, { listed, inspected }: Surroundings): readonly string[] {
  const isAnother = ({ Id }: { readonly Id: string }): boolean => Id !== container.Id
  return [
    ...listed
      .filter((one) => isAnother(one) && isMeant(one.HostConfig.NetworkMode, container, listed))
      .map((one) => `${calledAs(one)} shares its network`),
    ...inspected
      .filter(isAnother)
      .flatMap(({ Name, HostConfig }) =>
        sharedWith(HostConfig, container, listed).map((what) => `${Name} shares its ${what}`),
      ),
  ]
}
