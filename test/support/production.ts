import type { Server } from 'node:http'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { stringify } from 'yaml'
import { z } from 'zod'
import { SCOPES } from '../../src/chat/scopes.ts'
import { createApp, type MoreAnswers } from '../servers/app/app.ts'
import { kubeconfigText } from '../servers/kubernetes/kubeconfig.ts'
import type { KubernetesCluster } from '../servers/kubernetes/start.ts'
import { nextSecond } from '../servers/next-second.ts'
import { startPrometheus } from '../servers/prometheus.ts'
import { askRedis, startRedis, type RedisServer } from '../servers/redis.ts'
import { freePort, freshFolder } from '../servers/spawn.ts'
import { startConfiguredBot, type Bot } from './bot.ts'
import type { BotCluster } from './kubernetes.ts'
import { APPROVERS, INCIDENTS, pipeshub } from './slack/fixture.ts'
import { startSlack, type Slack } from './slack/slack.ts'
import { until } from './slack/waiting.ts'

export const SERVICES = ['backend', 'frontend'] as const
export const BAD = 'v2.0.0'
export const GOOD = 'v1.9.0'

/** What is other than in a usual production. */
export type Circumstances = {
  readonly namespace: string
  /** Real scraping of the services: what an assessment measures is what they answer. */
  readonly prometheus?: boolean
  readonly settings?: Readonly<Record<string, unknown>>
  /** More of the environment: what it is allowed to tell, and where. */
  readonly env?: Readonly<Record<string, string>>
  /** What the services answer beside their health and their version. */
  readonly api?: MoreAnswers
}

/** All that the runbook is about, really there, and the bot's place beside it. */
export type Production = AsyncDisposable & {
  readonly bots: BotCluster
  readonly namespace: string
  readonly slack: Slack
  readonly redis: RedisServer
  /** Where people reach each of the services. */
  readonly urls: readonly string[]
  /** Resolves when Prometheus has seen enough of this version for a rate. */
  readonly sees: (version: string) => Promise<void>
  /** Of the bot: its data folder stays when it is killed. */
  readonly data: string
  readonly startBot: (untilReady?: boolean) => Promise<Bot>
  /** Where the bot finds the API server, and its token in a file that can be written anew. */
  readonly reach: (server: string) => Promise<void>
  readonly tokenFile: string
}

/** The bot may do what the Role in `manifests/` gives its ServiceAccount, and has nothing else. */
export async function startProduction(
  bots: BotCluster,
  { namespace, prometheus = false, settings = {}, env: more = {}, api }: Circumstances,
): Promise<Production> {
  await using starting = new AsyncDisposableStack()
  const { cluster } = bots
  await bots.grantIn(namespace)
  const data = starting.use(await freshFolder('production')).path
  const slack = starting.adopt(
    await startSlack({ ...pipeshub(), scopes: Object.keys(SCOPES) }),
    (one) => one.stop(),
  )
  const redis = starting.use(await startRedis({ args: [] }))
  const services = await Promise.all(
    SERVICES.map(async (name) => starting.use(await startService(cluster, namespace, name, api))),
  )
  const scrape = services.map(({ name, target }) => ({ job: name, targets: [target] }))
  const scraping = prometheus ? starting.use(await startPrometheus({ scrape })) : null

  const place = join(data, 'kubernetes')
  await mkdir(place)
  const tokenFile = join(place, 'token')
  const kubeconfig = join(place, 'config')
  await writeFile(tokenFile, bots.token)
  const reach = async (server: string): Promise<void> => {
    const ca = await readFile(cluster.caFile, 'utf8')
    const config = JSON.parse(kubeconfigText({ url: server, ca, token: '' }))
    config.users[0].user = { tokenFile: 'token' }
    await writeFile(kubeconfig, JSON.stringify(config))
  }
  await reach(cluster.url)

  const usual = {
    environment: 'production',
    slack: { channels: [INCIDENTS] },
    services: services.map(({ name, url }) => ({ name, url })),
    redis: { cache: { prefixes: ['cache:'], protectedPrefixes } },
    approval: { groups: [APPROVERS], readSeconds: 0 },
    evidence: { deadlineSeconds: 20 },
    procedures: {
      kubernetes: { namespace, deployments: { backend: 'backend', frontend: 'frontend' } },
    },
  }
  const { botToken, appToken } = slack.workspace.app
  const env = {
    SLACK_BOT_TOKEN: botToken,
    SLACK_APP_TOKEN: appToken,
    SLACK_API_URL: slack.apiUrl,
    REDIS_URL: redis.url,
    KUBECONFIG: kubeconfig,
    // It is started often.
    NODE_COMPILE_CACHE: join(data, 'compiled'),
    ...(scraping ? { PROMETHEUS_URL: scraping.url } : {}),
    ...more,
  }
  const resources = starting.move()
  return {
    bots,
    namespace,
    slack,
    redis,
    urls: services.map(({ url }) => url),
    async sees(version) {
      const status = version === BAD ? '500' : '200'
      const query = encodeURIComponent(`sum(rate(http_requests_total{status="${status}"}[5m]))`)
      await until(
        async () => {
          const answer = await fetch(`${scraping?.url}/api/v1/query?query=${query}`)
          return /"value":\[[\d.]+,"(0\.[1-9]|[1-9])/.test(await answer.text())
        },
        `Prometheus to see ${version}`,
        20_000,
      )
    },
    data,
    tokenFile,
    reach,
    startBot: (untilReady = true) =>
      startConfiguredBot({
        settings: stringify({ ...usual, ...settings }),
        env,
        data,
        untilReady,
      }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

type Service = AsyncDisposable & {
  readonly name: string
  readonly url: string
  readonly target: string
}

const Deployed = z.object({
  metadata: z.object({ generation: z.number() }),
  spec: z.object({
    replicas: z.number(),
    template: z.object({
      spec: z.object({ containers: z.array(z.object({ image: z.string() })).min(1) }),
    }),
  }),
  status: z.object({
    observedGeneration: z.number().default(0),
    replicas: z.number().default(0),
    updatedReplicas: z.number().default(0),
    availableReplicas: z.number().default(0),
  }),
})
export type Deployed = z.infer<typeof Deployed>

export const deployed = async (
  { admin }: KubernetesCluster,
  namespace: string,
  name: string,
): Promise<Deployed | null> => {
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments/${name}`
  return Deployed.safeParse((await admin.request('GET', path)).body).data ?? null
}

/** The version whose rollout is at its end; `null`: no pod is left. */
const rolledOutVersion = ({ metadata, spec, status }: Deployed): string | null | undefined => {
  const { replicas, updatedReplicas, availableReplicas, observedGeneration } = status
  const seen = observedGeneration >= metadata.generation && replicas === spec.replicas
  if (!seen) return undefined
  if (spec.replicas === 0) return null
  const complete = updatedReplicas === replicas && availableReplicas === replicas
  return complete ? spec.template.spec.containers[0]?.image.split(':').at(-1) : undefined
}

/** What people reach: it answers as the version that the cluster has rolled out, and where no pod is left not at all. */
async function startService(
  cluster: KubernetesCluster,
  namespace: string,
  name: string,
  api?: MoreAnswers,
): Promise<Service> {
  const port = await freePort()
  let runs: string | null = null
  let server: Server | null = null
  const close = async (): Promise<void> => {
    server?.closeAllConnections()
    await new Promise((closed) => (server ? server.close(closed) : closed(null)))
    server = null
  }
  const follow = async (): Promise<void> => {
    const found = await deployed(cluster, namespace, name).catch(() => null)
    const version = found ? rolledOutVersion(found) : undefined
    if (version === undefined || version === runs) return
    await close()
    runs = version
    if (version === null) return
    server = createApp(version, { errorRatio: version === BAD ? 0.62 : 0 }, api)
    server.listen(port, '127.0.0.1')
  }
  const stopping = new AbortController()
  const following = (async () => {
    while (!stopping.signal.aborted) {
      await follow()
      await sleep(150)
    }
  })()
  return {
    name,
    url: `http://127.0.0.1:${port}`,
    target: `127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await following
      await close()
    },
  }
}

/**
 * The bad version runs, and the good one before it is kept. The good one was taken up again after a
 * patch of it: how long it ran cannot be told then, so that nobody has to wait for ten minutes.
 */
export async function releaseBadly(
  { cluster }: BotCluster,
  namespace: string,
  replicas = 2,
): Promise<void> {
  const image = (name: string, version: string) => `pipeshub/${name}:${version}`
  await Promise.all(
    SERVICES.map(async (name) => {
      const needs = await createNeeds(cluster, namespace, name)
      await cluster.deploy(namespace, name, image(name, GOOD), replicas, needs)
      for (const version of ['v1.9.1', GOOD]) {
        await nextSecond()
        await cluster.setImage(namespace, name, image(name, version))
      }
      await nextSecond()
      await cluster.setImage(namespace, name, image(name, BAD), WITHOUT_NEEDS)
    }),
  )
}

/** What the pods of the good version cannot start without, and those of the bad one do not ask for. */
async function createNeeds(cluster: KubernetesCluster, namespace: string, name: string) {
  await cluster.createNamespace(namespace)
  const of = `/api/v1/namespaces/${namespace}`
  const metadata = { name }
  await Promise.all([
    cluster.admin.must('POST', `${of}/serviceaccounts`, { metadata }),
    cluster.admin.must('POST', `${of}/configmaps`, { metadata, data: { greeting: 'hello' } }),
    cluster.admin.must('POST', `${of}/persistentvolumeclaims`, {
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
  ])
  return {
    pod: {
      serviceAccountName: name,
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: name } }],
    },
    container: { envFrom: [{ configMapRef: { name } }] },
  }
}

/** In words of a strategic merge patch. */
const WITHOUT_NEEDS = {
  pod: {
    serviceAccountName: null,
    serviceAccount: null,
    volumes: [{ name: 'data', $patch: 'delete' }],
  },
  container: { envFrom: null },
}

/** `cache:pinned:` is protected inside of what is cleared. */
const protectedPrefixes = ['cache:pinned:', 'sess:', 'bull:', 'maintenance_']

const fill = (prefix: string, count: number): string =>
  `EVAL "for i=1,${count} do redis.call('set','${prefix}'..i,'value '..i) end" 0`

const redisNumber = async ({ host, port }: RedisServer, command: string): Promise<number> => {
  const answer = await askRedis(host, port, command)
  const number = /:(\d+)/.exec(answer)?.[1]
  if (number === undefined) throw new Error(answer)
  return Number(number)
}

export async function fillCache({ redis }: Production, keys: number): Promise<void> {
  for (const command of [
    fill('cache:document:', keys),
    fill('cache:pinned:', 5),
    fill('sess:', 40),
    fill('bull:queue:', 20),
    fill('cached-elsewhere:', 10),
    'SET active_users_count 100',
  ]) {
    const answer = await askRedis(redis.host, redis.port, command)
    if (answer.startsWith('-')) throw new Error(answer)
  }
}

export const cachedKeys = ({ redis }: Production): Promise<number> =>
  redisNumber(redis, `EVAL "return #redis.call('keys','cache:document:*')" 0`)

/** One word for every key that is not to be cleared, with its value and its time to live. */
export const keptKeys = async ({ redis }: Production): Promise<string> => {
  const script =
    "local all=redis.call('keys','*') table.sort(all) local said='' local n=0 for _,k in ipairs(all) do if string.sub(k,1,15)~='cache:document:' then n=n+1 said=said..k..redis.call('get',k)..redis.call('ttl',k) end end return n..' '..redis.sha1hex(said)"
  return askRedis(redis.host, redis.port, `EVAL "${script}" 0`)
}
