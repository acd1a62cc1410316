import type { OwnerName, OwnerSetting } from '../domain/plan/owner.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { World } from '../ports/world.ts'
import { sandboxAlerts } from './alerts.ts'
import { sandboxCache } from './cache/cache.ts'
import { simulatedCluster, type Cluster } from './kubernetes/cluster.ts'
import type { Desired } from './kubernetes/deployments.ts'
import { sandboxDatabase } from './database/database.ts'
import type { DataHands } from './database/data-hands.ts'
import type { JobHands } from './database/jobs.ts'
import { simulatedData, type DataOptions, type DataScene } from './database/simulated-data.ts'
import { flagsInTurn } from './flag-page.ts'
import { sandboxEndpoints } from './endpoints.ts'
import {
  sandboxFlagStores,
  simulatedFlags,
  type FlagHands,
  type SimulatedFlag,
} from './flag-stores.ts'
import { sandboxMetrics } from './metrics/metrics.ts'
import { sandboxPods } from './kubernetes/instances.ts'
import { sandboxOwners, simulatedOwners, type SimulatedOwner } from './kubernetes/owners.ts'
import type { Production, Stage } from './production.ts'
import { productionOf } from './scenario.ts'
import type { ScenarioName } from './scenario.ts'
import { stageOf } from './stage.ts'
import { sandboxContainers } from './docker/containers.ts'
import { sandboxInstances } from './docker/instances.ts'
import { simulatedHosts, type Placement } from './docker/hosts.ts'
import { sandboxLedger } from './docker/ledger.ts'
import { otherHands, type OtherHands } from './docker/other-hands.ts'
import { seenByAll } from './workloads.ts'
import {
  sandboxConfigMaps,
  simulatedConfigMaps,
  type ConfigMapHands,
  type SimulatedConfigMap,
  type SimulatedConfigMaps,
} from './kubernetes/config-maps.ts'
import { templateOf, withSidecar } from './kubernetes/templates.ts'
import { sandboxWorkloads } from './kubernetes/workloads.ts'

const deployedBeforeMs = 12 * 60_000

export type SandboxWorld = {
  readonly world: World
  readonly deployedAtMs: number
  /** From now on as in that scenario, whatever was changed or rolled back before. */
  readonly become: (scenario: ScenarioName) => void
  /** Changes the named things and leaves the others as they are. Other versions are deployed anew. */
  readonly change: (changes: Partial<Production>) => void
  /** The hands of other people, and of other programs, on the Deployments. */
  readonly others: {
    readonly deploy: (service: string, version: string) => void
    readonly scale: (service: string, replicas: number) => void
    readonly set: (
      service: string,
      settings: Pick<Desired, 'paused' | 'ownedBy' | 'managedBy'>,
    ) => void
    readonly removeRevision: (service: string, version: string) => void
    readonly editRevision: (service: string, version: string) => void
    /** From now on admission adds a sidecar to whatever is written. */
    readonly addSidecars: () => void
    /** From now on Argo CD, Flux or KEDA keeps them. */
    readonly keep: (owner: SimulatedOwner) => void
    readonly setOwner: (owner: OwnerName, setting: OwnerSetting) => void
    readonly configMaps: ConfigMapHands
  }
  /** Theirs on the containers, where these run the services. */
  readonly onHosts: OtherHands
  /** Theirs on the database and its backups; `null`: there are none. */
  readonly onData: DataHands | null
  /** Theirs on what takes a migration back; `null`: there is none. */
  readonly onJobs: JobHands | null
  /** Theirs on the stores of flags. */
  readonly onFlags: FlagHands
}

/**
 * A production that is only simulated: the services of the settings run a release that was deployed
 * twelve minutes ago, and what is wrong with it is the scenario. Once nothing runs that release any
 * more, nothing is wrong with it. It says the same for the same clock and seed, so a demonstration
 * or a test can be repeated.
 */
export function sandboxWorld(options: {
  readonly scenario: ScenarioName
  readonly clock: Clock
  readonly settings: AssessSettings
  readonly seed?: number
  /** As a server nearby; 0 for tests that ask thousands of times. */
  readonly slowestMs?: number
  /** What runs the services of the settings. */
  readonly platform?: 'kubernetes' | 'docker'
  /** Which of them run on which host of containers; else all on one. */
  readonly placement?: Placement
  /** The collections and their backups; left out, there are some where the scenario is about them. */
  readonly database?: DataOptions | null
  /** Flags that are kept outside of what runs the services, by their stores; left out, there are none. */
  readonly flags?: Readonly<Record<string, SimulatedFlag>>
  /** What Deployments read, by their names; the flag of the scenario comes from the one that holds it. */
  readonly configMaps?: Readonly<Record<string, SimulatedConfigMap>>
}): SandboxWorld {
  const { clock, settings, seed = 1, slowestMs = 4, platform = 'kubernetes' } = options
  let production = productionOf(options.scenario)
  const facts = (): Production => production
  const scene = {
    now: () => clock.now(),
    seed,
    slowestMs,
    deployedAtMs: clock.now() - deployedBeforeMs,
  }
  const services = settings.deployed?.services ?? []
  const isDocker = platform === 'docker'
  const { placement = { 'shop-1': services } } = options
  const configMaps = simulatedConfigMaps(scene, options.configMaps ?? {})
  const cluster = simulatedCluster({ ...scene, facts, configMaps }, isDocker ? [] : services)
  const hosts = simulatedHosts({ ...scene, facts }, isDocker ? placement : {})
  const owners = simulatedOwners(scene, cluster, services)
  const flags = simulatedFlags(options.flags ?? {})
  const runsThem = isDocker ? hosts : cluster
  const data = dataOf(options.database, { ...scene, writing: runsThem.writing, facts })
  const stage = stageOf(facts, runsThem, data?.isSpoiltAt ?? (() => true), scene)
  const dataPorts = data?.ports(stage) ?? { collections: null, backups: null, jobs: null }
  const deployed = settings.deployed && platform
  const runtime = runtimePorts(stage, deployed, { cluster, configMaps, hosts, owners })
  return {
    world: {
      clock,
      endpoints: sandboxEndpoints(stage, settings.services, flagsInTurn(runtime.each)),
      metrics: sandboxMetrics(stage, settings),
      cache: sandboxCache(stage, settings),
      database: sandboxDatabase(stage),
      ...dataPorts,
      ...runtime.ports,
      flagStores: options.flags ? sandboxFlagStores(stage, flags) : null,
      alerts: sandboxAlerts(stage),
    },
    deployedAtMs: stage.deployedAtMs,
    become(scenario) {
      production = productionOf(scenario)
      configMaps.reset()
      cluster.reset()
      hosts.reset()
      data?.reset()
      flags.reset()
    },
    change(changes) {
      const { version, previousVersion } = production
      production = { ...production, ...changes }
      const same = production.version === version && production.previousVersion === previousVersion
      if (same) return
      cluster.reset()
      hosts.reset()
    },
    others: othersOn(cluster, configMaps, owners),
    onHosts: otherHands(hosts),
    onData: data?.hands ?? null,
    onJobs: data?.onJobs ?? null,
    onFlags: flags.hands,
  }
}

/** `undefined`: there is one where the scenario is about it. */
function dataOf(
  wanted: DataOptions | null | undefined,
  { facts, ...scene }: Omit<DataScene, 'corrupts'> & { readonly facts: () => Production },
) {
  const corrupts = (): boolean => facts().causedByData
  const options = wanted === undefined && corrupts() ? {} : wanted
  return options ? simulatedData({ ...scene, corrupts }, options) : null
}

/** What can be asked of what runs the services; `null`: nothing runs them. */
function runtimePorts(
  stage: Stage,
  platform: 'kubernetes' | 'docker' | null,
  {
    cluster,
    configMaps,
    hosts,
    owners,
  }: {
    readonly cluster: Cluster
    readonly configMaps: SimulatedConfigMaps
    readonly hosts: ReturnType<typeof simulatedHosts>
    readonly owners: ReturnType<typeof simulatedOwners>
  },
) {
  const deployments = platform === 'kubernetes' ? sandboxWorkloads(stage, cluster, owners) : null
  const containers = platform === 'docker' ? sandboxContainers(stage, hosts) : null
  const ledger = containers && sandboxLedger(hosts, stage.now)
  const runs = deployments ?? containers
  const inContainers = platform === 'docker'
  const each = runs && (inContainers ? sandboxInstances(stage, hosts) : sandboxPods(stage, cluster))
  return {
    each,
    ports: {
      workloads: runs && seenByAll(runs, ledger),
      deployments,
      configMaps: deployments && sandboxConfigMaps(stage, configMaps),
      containers,
      ledger,
      instances: each?.instances ?? null,
      owners: deployments && sandboxOwners(stage, owners),
    },
  }
}

function othersOn(
  cluster: Cluster,
  configMaps: SimulatedConfigMaps,
  owners: ReturnType<typeof simulatedOwners>,
): SandboxWorld['others'] {
  return {
    deploy: (service, version) =>
      cluster.change(service, { template: { version, template: templateOf(service, version) } }),
    scale: (service, replicas) => cluster.change(service, { replicas }),
    set: (service, wish) => cluster.change(service, wish),
    removeRevision: cluster.removeRevision,
    editRevision: cluster.editRevision,
    addSidecars: () => cluster.admitAs(withSidecar),
    keep: owners.put,
    setOwner: owners.set,
    configMaps: configMaps.hands,
  }
}
