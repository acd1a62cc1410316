import type { Inspected, Listed } from './schema.ts'

export type Surroundings = {
  /** Every container of the host. */
  readonly listed: readonly Pick<Listed, 'Id' | 'HostConfig'>[]
  /** The others that were looked at closely. */
  readonly inspected: readonly Pick<Inspected, 'Id' | 'HostConfig'>[]
  /** Whether its image is still on the host. */
  readonly hasImage: boolean
  /** The container that this bot runs in; `null`: none on that host, as far as is known. */
  readonly ownId: string | null
}

/** Why it cannot be made again as it is, each in a clause. */
export function obstaclesOf(container: Inspected, around: Surroundings): readonly string[] {
  const { Id } = container
  const obstacles: readonly (readonly [boolean, string])[] = [
    [Id === around.ownId, 'this bot itself runs in it'],
    [!around.hasImage, 'its image is no longer on the host, so what is its own cannot be told'],
    ...ownObstacles(container),
    [isShared(container, around), 'another container shares its network or its processes'],
  ]
  return obstacles.flatMap(([stands, says]) => (stands ? [says] : []))
}

/** What it says of itself. */
export function ownObstacles({
  HostConfig: host,
  Config: { Labels },
  Mounts,
}: Inspected): readonly (readonly [boolean, string])[] {
  const sharesWith = [host.NetworkMode, host.IpcMode, host.PidMode, host.UTSMode, host.UsernsMode]
  return [
    [host.AutoRemove === true, 'it is removed as soon as it stops'],
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
    ['com.docker.swarm.service.id' in Labels, 'it belongs to a swarm service'],
    ['io.kubernetes.pod.uid' in Labels, 'it belongs to a Kubernetes pod'],
  ]
}

function isShared({ Id, Name }: Inspected, { listed, inspected }: Surroundings): boolean {
  const names = new Set([`container:${Id}`, `container:${Name}`])
  const modes = [
    ...listed.filter((one) => one.Id !== Id).map(({ HostConfig }) => [HostConfig.NetworkMode]),
    ...inspected
      .filter((one) => one.Id !== Id)
      .map(({ HostConfig: { IpcMode, PidMode } }) => [IpcMode, PidMode]),
  ]
  return modes.flat().some((mode) => names.has(mode))
}
