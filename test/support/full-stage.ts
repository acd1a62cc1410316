import { z } from 'zod'
import { deployed, releaseBadly, SERVICES, startProduction, type Production } from './production.ts'
import { isClosedIn, shopSettings, startShop, type Shop, type Sizes } from './database-stage.ts'
import { shopApi, shopChecks } from './shop-api.ts'
import type { BotCluster } from './kubernetes.ts'
import { toolFolders } from './backups.ts'
import { APPROVERS, BO } from './slack/fixture.ts'

/** Where the whole procedure goes back: Deployments, caches and a database that a release has spoilt. */
export type FullStage = AsyncDisposable & {
  readonly production: Production
  readonly shop: Shop
}

/** What is other than in most of them. */
type More = {
  readonly prometheus?: boolean
  /** What people do on the way. */
  readonly people?: readonly { what: string; by: string; before: 'stop' | 'start' | 'end' }[]
  /** A write, a read and the wall between organisations are tried through the services before the others start. */
  readonly proved?: boolean
}

/** The backend writes to the database, and is stopped for it. The bad version runs. */
export async function startFullStage(
  bots: BotCluster,
  namespace: string,
  sizes: Sizes,
  { prometheus = false, people = [], proved = false }: More = {},
): Promise<FullStage> {
  await using starting = new AsyncDisposableStack()
  let production: Production | null = null
  const checks = proved ? shopChecks() : null
  const shop = starting.use(
    await startShop(sizes, async () => production !== null && isClosedIn(production.redis)),
  )
  production = starting.use(
    await startProduction(bots, {
      namespace,
      prometheus,
      api: shopApi(shop.db),
      settings: {
        approval: { groups: [APPROVERS], readSeconds: 0, dataOwners: { users: [BO] } },
        procedures: {
          kubernetes: {
            namespace,
            deployments: Object.fromEntries(SERVICES.map((name) => [name, name])),
          },
          database: {
            ...shopSettings(shop.catalogue),
            ...(checks && { proveBy: checks.proveBy }),
          },
          full: { stop: ['backend'], people },
        },
        ...checks?.settings,
      },
      env: {
        MONGODB_URI: shop.uri,
        BACKOUT_MONGO_TOOLS: toolFolders()[0] ?? '',
        ...checks?.env,
      },
    }),
  )
  // It asks Redis whether it may write.
  starting.defer(() => shop.writer.stop())
  await releaseBadly(bots, namespace)
  const resources = starting.move()
  return { production, shop, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}

const Pods = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) })

export async function podsIn(
  { cluster }: BotCluster,
  namespace: string,
  name: string,
): Promise<readonly string[]> {
  const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${name}`
  const { items } = Pods.parse(await cluster.admin.must('GET', path))
  return items.map(({ metadata }) => metadata.name)
}

/** Of each service what it is to run, how many of it are available, and how many there are. */
export async function runningIn(bots: BotCluster, namespace: string): Promise<readonly string[]> {
  return Promise.all(
    SERVICES.map(async (name) => {
      const [found, pods] = await Promise.all([
        deployed(bots.cluster, namespace, name),
        podsIn(bots, namespace, name),
      ])
      const image = found?.spec.template.spec.containers[0]?.image
      return `${image}, ${found?.status.availableReplicas} of ${pods.length}`
    }),
  )
}
