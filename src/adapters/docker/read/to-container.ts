import type { Container } from '../../../ports/containers.ts'
import { toMs } from '../../../domain/base/instant.ts'
import { createSpec, sha256Of } from './create-spec.ts'
import { imageIdOf, imageLabels } from './image-names.ts'
import { OURS, othersLabels } from './labels.ts'
import { makerIn } from './made-by.ts'
import { serviceCalled, type DockerServices, type Membership } from './members.ts'
import { policyText } from './restart-policy.ts'
import { Config, type Inspected, type InspectedImage } from './schema.ts'
import { shortLine } from './short-line.ts'
import { tmpfsOf } from './tmpfs.ts'

type Around = {
  readonly host: string
  readonly services: DockerServices
  readonly member: Membership
  /** `null`: it is no longer on the host. */
  readonly image: InspectedImage | null
  readonly obstacles: readonly string[]
  readonly mayNotEnd: readonly string[]
  /** By the clock of its host. */
  readonly nowMs: number
}

/** Where it says nothing of it. https://docs.docker.com/reference/cli/docker/container/stop/ */
const USUAL_STOP_SECONDS = 10
/** What is never killed is waited for so long. */
const ENDLESS_STOP_SECONDS = 3_600

export function toContainer(seen: Inspected, around: Around): Container {
  const { host, services, member, image, obstacles, mayNotEnd, nowMs } = around
  const { Id, Name, Config: config, State } = seen
  const labels = othersLabels(config.Labels)
  const spec = createSpec(seen, image?.Config ?? Config.parse({}))
  const runs = State.Status === 'running' || State.Status === 'paused'
  return {
    host,
    service: member.service,
    id: Id,
    name: Name,
    role: member.role,
    mark: config.Labels[OURS.mark] ?? null,
    image: imageIdOf({ image: config.Image, imageId: seen.Image, labels: config.Labels }, image),
    labels: imageLabels(image?.Config.Labels ?? config.Labels),
    sha256: sha256Of(spec),
    madeBy: makerIn(config.Labels, seen.Image),
    state: State.Status,
    health: healthOf(seen),
    trouble: troubleOf(seen),
    createdAt: seen.Created,
    startedAt: State.StartedAt.startsWith('0001-') ? null : State.StartedAt,
    runningMs: runs ? Math.max(0, nowMs - toMs(State.StartedAt)) : null,
    restarts: seen.RestartCount,
    restartPolicy: config.Labels[OURS.restartPolicy] ?? policyText(seen.HostConfig.RestartPolicy),
    publishesPorts: isAloneOnHost(seen),
    stopSeconds: stopSecondsOf(seen),
    aliases: Object.entries(spec.networks.endpoints).flatMap(([network, { Aliases = [] }]) =>
      Aliases.map((alias) => `${network}/${alias}`),
    ),
    volumes: volumesOf(seen),
    tmpfs: tmpfsOf(seen),
    compose: composeOf(labels),
    dependsOn: dependsOn(labels, services),
    obstacles,
    mayNotEnd,
  }
}

export function stopSecondsOf({ Config: { StopTimeout } }: Inspected): number {
  const seconds = StopTimeout ?? USUAL_STOP_SECONDS
  return seconds < 0 ? ENDLESS_STOP_SECONDS : seconds
}

function healthOf({ State: { Health } }: Inspected): Container['health'] {
  const known = ['starting', 'healthy', 'unhealthy'] as const
  return known.find((one) => one === Health?.Status) ?? 'none'
}

/** Why it is not well, in the host's own words. */
export function troubleOf({ State }: Inspected): string | null {
  const { Status, ExitCode, OOMKilled, Error: error, Health } = State
  const ended = `exit code ${ExitCode}${OOMKilled ? ', out of memory' : ''}`
  const because = error === '' ? '' : `: ${shortLine(error)}`
  switch (Status) {
    case 'running':
      return Health?.Status === 'unhealthy' ? `unhealthy${lastCheck(Health.Log)}` : null
    case 'created':
      return error === '' ? null : `not started${because}`
    case 'restarting':
      return `restarting, last ${ended}${because}`
    case 'exited':
    case 'dead':
      return `${ended}${because}`
    default:
      return Status
  }
}

function lastCheck(log: readonly { readonly ExitCode: number; readonly Output: string }[]): string {
  const last = log.at(-1)
  if (!last) return ''
  const output = shortLine(last.Output)
  return `: ${output === '' ? `exit code ${last.ExitCode}` : output}`
}

/** Ports, an address or a name of the host's network, which only one can have at a time. */
function isAloneOnHost({ HostConfig, Config: config, NetworkSettings }: Inspected): boolean {
  const ports = Object.values(HostConfig.PortBindings).flatMap((bindings) => bindings ?? [])
  const addresses = Object.values(NetworkSettings.Networks).flatMap(({ IPAMConfig }) =>
    ['IPv4Address', 'IPv6Address'].filter((one) => !!IPAMConfig[one]),
  )
  return (
    HostConfig.NetworkMode === 'host' ||
    ports.some(({ HostPort }) => HostPort !== '' && HostPort !== '0') ||
    addresses.length > 0 ||
    !!config['MacAddress']
  )
}

/** Of a volume without a name so much of what the host calls it as tells it apart. */
function volumesOf({ Mounts }: Inspected): readonly string[] {
  return Mounts.filter(({ Type }) => Type === 'volume' || Type === 'bind')
    .map(({ Name, Source, Destination }) => {
      const name = /^[0-9a-f]{64}$/.test(Name) ? Name.slice(0, 12) : Name
      return `${name || Source} at ${Destination}`
    })
    .toSorted()
}

function composeOf(labels: Readonly<Record<string, string>>): Container['compose'] {
  const of = (name: string): string | undefined => labels[`com.docker.compose.${name}`]
  const [project, service] = [of('project'), of('service')]
  if (project === undefined || service === undefined) return null
  return { project, service, folder: of('project.working_dir') ?? null }
}

/** `db:service_healthy:false,cache:service_started:true` */
function dependsOn(
  labels: Readonly<Record<string, string>>,
  services: DockerServices,
): readonly string[] {
  const project = labels['com.docker.compose.project']
  return (labels['com.docker.compose.depends_on'] ?? '')
    .split(',')
    .map((one) => one.split(':', 1)[0]?.trim() ?? '')
    .filter((one) => one !== '')
    .map((one) => serviceCalled(services, project, one))
}
