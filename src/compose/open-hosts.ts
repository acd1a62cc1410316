import type { RegistryConfig } from '../adapters/docker/images/registry-credentials.ts'
import { journalPlace } from '../config/journal-place.ts'
import type { Config } from '../config/load-config.ts'
import { Fault } from '../domain/base/fault.ts'
import { jsonOf } from '../domain/base/json-of.ts'
import { listWithHistory } from '../domain/workload/with-history.ts'
import type { Containers } from '../ports/containers.ts'
import type { Instances } from '../ports/instances.ts'
import type { Jobs } from '../ports/jobs.ts'
import type { ReleaseLedger } from '../ports/release-ledger.ts'
import type { Workloads } from '../ports/workloads.ts'
import { openLedger } from './open-journal.ts'
import { ownContainerId } from './own-container.ts'

type Settings = NonNullable<Config['settings']['procedures']['docker']>

type Runs = {
  readonly services: readonly string[]
  readonly workloads: Workloads
  readonly instances: Instances
}

type Hosts = {
  readonly runs: readonly Runs[]
  readonly containers: Containers | null
  readonly ledger: ReleaseLedger | null
  readonly jobs: Jobs | null
}

/** The hosts of the settings, and what is recorded of them. Nothing is asked yet, and nothing loaded where there are none. */
export async function openHosts(
  {
    settings,
    access,
    ...place
  }: Pick<Config, 'settings' | 'access' | 'environment' | 'authorities'>,
  closing: (() => Promise<void>)[],
): Promise<Hosts> {
  const { docker } = settings.procedures
  if (!docker) return { runs: [], containers: null, ledger: null, jobs: null }
  const [{ dockerContainers }, { RegistryConfig: Credentials }, ledger] = await Promise.all([
    import('../adapters/docker/containers.ts'),
    import('../adapters/docker/images/registry-credentials.ts'),
    openLedger(journalPlace(place)),
  ])
  const credentials = Credentials.safeParse(jsonOf(access.registries ?? '{}'))
  if (!credentials.success) {
    const detail = 'what BACKOUT_REGISTRY_CONFIG_FILE names is no config.json of `docker login`'
    throw new Fault({ kind: 'terminal', dependency: 'docker', detail })
  }
  const containers = dockerContainers({
    hosts: Object.entries(docker.hosts).map(([name, { address }]) => ({
      name,
      ...addressOf(address, access.certificates[name]),
    })),
    services: Object.fromEntries(
      Object.entries(docker.services).map(([service, placed]) => [service, placeOf(placed)]),
    ),
    credentials: credentials.data,
    ownId: ownContainerId,
  })
  closing.push(async () => {
    containers.close()
    await ledger.close()
  })
  const services = Object.keys(docker.services)
  // No host knows what ran before.
  const list = listWithHistory(containers.list, ledger.entries)
  const { instances } = containers
  const runs = [{ services, workloads: { ...containers, list }, instances }]
  const jobs = await openJobs({ settings, access }, credentials.data, closing)
  return { runs, containers, ledger, jobs }
}

async function openJobs(
  { settings, access }: Pick<Config, 'settings' | 'access'>,
  credentials: RegistryConfig,
  closing: (() => Promise<void>)[],
): Promise<Jobs | null> {
  const { docker, database } = settings.procedures
  const place = database?.migration?.docker
  const address = place && docker?.hosts[place.host]?.address
  if (!place || address === undefined) return null
  const { dockerJobs } = await import('../adapters/docker/jobs/jobs.ts')
  const jobs = dockerJobs({
    host: { name: place.host, ...addressOf(address, access.certificates[place.host]) },
    place: { network: place.network, environment: access.handed },
    credentials,
  })
  closing.push(async () => jobs.close())
  return jobs
}

function placeOf(placed: Settings['services'][string]) {
  return 'container' in placed
    ? ({ kind: 'container', name: placed.container } as const)
    : ({ kind: 'compose', ...placed } as const)
}

function addressOf(address: string, tls: Config['access']['certificates'][string] | undefined) {
  const socket = /^unix:\/\/(.*)$/.exec(address)?.[1]
  if (socket !== undefined) return { socketPath: socket }
  const { hostname, port } = new URL(address)
  const host = hostname.replace(/^\[|\]$/g, '')
  return { host, port: Number(port), ...(tls ? { tls } : {}) }
}
