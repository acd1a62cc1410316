import type { Config } from '../config/load-config.ts'
import { Fault } from '../domain/base/fault.ts'
import { jsonOf } from '../domain/base/json-of.ts'
import { listWithHistory } from '../domain/workload/with-history.ts'
import type { Containers } from '../ports/containers.ts'
import type { Instances } from '../ports/instances.ts'
import type { ReleaseLedger } from '../ports/release-ledger.ts'
import type { Workloads } from '../ports/workloads.ts'
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
}

/** The hosts of the settings, and what is recorded of them. Nothing is asked yet, and nothing loaded where there are none. */
export async function openHosts(
  { settings, access, environment }: Pick<Config, 'settings' | 'access' | 'environment'>,
  closing: (() => Promise<void>)[],
): Promise<Hosts> {
  const { docker } = settings.procedures
  if (!docker) return { runs: [], containers: null, ledger: null }
  const [{ dockerContainers }, { RegistryConfig }, { sqliteLedger }, { ledgerFile }] =
    await Promise.all([
      import('../adapters/docker/containers.ts'),
      import('../adapters/docker/images/registry-credentials.ts'),
      import('../adapters/sqlite/ledger.ts'),
      import('../adapters/sqlite/ledger-file.ts'),
    ])
  const credentials = RegistryConfig.safeParse(jsonOf(access.registries ?? '{}'))
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
  const ledger = sqliteLedger({ file: ledgerFile(environment.BACKOUT_DATA) })
  closing.push(async () => {
    containers.close()
    ledger.close()
  })
  const services = Object.keys(docker.services)
  // No host knows what ran before.
  const list = listWithHistory(containers.list, ledger.entries)
  const { instances } = containers
  return { runs: [{ services, workloads: { ...containers, list }, instances }], containers, ledger }
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
