import { httpEndpoints, type HttpCredentials } from '../adapters/http/endpoints.ts'
import type { Config } from '../config/load-config.ts'
import type { Alerts } from '../ports/alerts.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { World } from '../ports/world.ts'
import { openFlagStores } from './open-flag-stores.ts'
import { openData } from './open-data.ts'
import { openHosts } from './open-hosts.ts'
import { joinedInstances } from './joined-instances.ts'
import { joinedWorkloads } from './joined-workloads.ts'

export type OpenWorld = { readonly world: World; close(): Promise<void> }

/**
 * The real production, as far as it is configured. Nothing is connected before it is asked, and
 * nothing is loaded for what is not configured.
 */
export async function openWorld(config: Config): Promise<OpenWorld> {
  const { environment: env, settings, authorities } = config
  const closing: (() => Promise<void>)[] = []
  const endpoints = httpEndpoints({
    dependency: 'service',
    credentials: credentials(
      env.SERVICES_BEARER_TOKEN,
      env.SERVICES_USERNAME,
      env.SERVICES_PASSWORD,
    ),
    ...ca(authorities.services),
  })
  async function openCache() {
    if (!env.REDIS_URL) return null
    const { redisCache } = await import('../adapters/redis/cache.ts')
    const cache = redisCache({ url: env.REDIS_URL, ...ca(authorities.redis) })
    closing.push(() => cache.close())
    return cache
  }

  async function openDatabase() {
    if (!env.MONGODB_URI) return null
    const { mongodbDatabase } = await import('../adapters/mongodb/database.ts')
    const database = mongodbDatabase({ uri: env.MONGODB_URI, ...ca(authorities.mongodb) })
    closing.push(() => database.close())
    return database
  }

  async function openCluster() {
    const { kubernetes, database } = settings.procedures
    if (!kubernetes) {
      return { runs: [], deployments: null, configMaps: null, owners: null, jobs: null }
    }
    const { kubernetesClient } = await import('../adapters/kubernetes/client/client.ts')
    const { kubernetesConfigMaps } =
      await import('../adapters/kubernetes/config-maps/config-maps.ts')
    const { kubernetesInstances } = await import('../adapters/kubernetes/instances/instances.ts')
    const { kubernetesOwners } = await import('../adapters/kubernetes/owners/owners.ts')
    const { kubernetesWorkloads } = await import('../adapters/kubernetes/read/workloads.ts')
    const client = kubernetesClient(
      env.KUBECONFIG ? { kubeconfig: env.KUBECONFIG } : { inCluster: {} },
    )
    closing.push(() => client.close())
    const { namespace } = kubernetes
    const deployments = Object.values(kubernetes.deployments)
    const workloads = kubernetesWorkloads({ client, ...kubernetes })
    const instances = kubernetesInstances({ client, ...kubernetes })
    const place = database?.migration?.kubernetes
    const openJobs = async () => {
      if (!place) return null
      const { kubernetesJobs } = await import('../adapters/kubernetes/jobs/jobs.ts')
      return kubernetesJobs({ client, place })
    }
    return {
      runs: [{ services: Object.keys(kubernetes.deployments), workloads, instances }],
      deployments: workloads,
      configMaps: kubernetesConfigMaps({ client, namespace }),
      owners: kubernetesOwners({ client, ours: { namespace, deployments } }),
      jobs: await openJobs(),
    }
  }

  const [metrics, alerts, cache, database, flagStores, { runs, ...cluster }, hosts, data] =
    await Promise.all([
      openMetrics(config),
      openAlerts(config),
      openCache(),
      openDatabase(),
      openFlagStores(config),
      openCluster(),
      openHosts(config, closing),
      openData(config, closing),
    ])
  return {
    world: {
      clock: { now: Date.now },
      endpoints,
      metrics,
      alerts,
      cache,
      database,
      workloads: joinedWorkloads([...runs, ...hosts.runs]),
      instances: joinedInstances([...runs, ...hosts.runs]),
      containers: hosts.containers,
      ledger: hosts.ledger,
      flagStores,
      ...cluster,
      jobs: cluster.jobs ?? hosts.jobs,
      ...data,
    },
    async close() {
      await Promise.allSettled(closing.map((close) => close()))
    },
  }
}

/** What tells numbers, for whoever needs nothing else. */
export async function openMetrics({
  environment: env,
  settings,
  authorities,
}: Pick<Config, 'environment' | 'settings' | 'authorities'>): Promise<Metrics | null> {
  if (!env.PROMETHEUS_URL) return null
  const { prometheusMetrics } = await import('../adapters/prometheus/metrics.ts')
  return prometheusMetrics({
    url: env.PROMETHEUS_URL,
    endpoints: httpEndpoints({
      dependency: 'prometheus',
      credentials: credentials(
        env.PROMETHEUS_BEARER_TOKEN,
        env.PROMETHEUS_USERNAME,
        env.PROMETHEUS_PASSWORD,
      ),
      headers: settings.prometheus.headers,
      ...ca(authorities.prometheus),
    }),
  })
}

async function openAlerts({
  environment: env,
  authorities,
}: Pick<Config, 'environment' | 'authorities'>): Promise<Alerts | null> {
  if (!env.ALERTMANAGER_URL) return null
  const { alertmanagerAlerts } = await import('../adapters/alertmanager/alerts.ts')
  return alertmanagerAlerts({
    url: env.ALERTMANAGER_URL,
    endpoints: httpEndpoints({
      dependency: 'alertmanager',
      credentials: credentials(
        env.ALERTMANAGER_BEARER_TOKEN,
        env.ALERTMANAGER_USERNAME,
        env.ALERTMANAGER_PASSWORD,
      ),
      ...ca(authorities.alertmanager),
    }),
  })
}

function credentials(
  bearerToken: string | undefined,
  username: string | undefined,
  password: string | undefined,
): HttpCredentials {
  return {
    ...(bearerToken ? { bearerToken } : {}),
    ...(username ? { username } : {}),
    ...(password ? { password } : {}),
  }
}

function ca(pem: string | undefined): { ca?: string } {
  return pem === undefined ? {} : { ca: pem }
}
