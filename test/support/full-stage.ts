import { releaseBadly, SERVICES, startProduction, type Production } from './production.ts'
import { isClosedIn, shopSettings, startShop, type Shop, type Sizes } from './database-stage.ts'
import { shopApi, WRITES_AND_READS } from './shop-api.ts'
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
  /** The services try a write and a read of the database before maintenance ends. */
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
            ...(proved && { proveBy: ['projects-are-kept'] }),
          },
          full: { stop: ['backend'], people },
        },
        ...(proved && { verification: { items: {}, more: [WRITES_AND_READS] } }),
      },
      env: { MONGODB_URI: shop.uri, BACKOUT_MONGO_TOOLS: toolFolders()[0] ?? '' },
    }),
  )
  // It asks Redis whether it may write.
  starting.defer(() => shop.writer.stop())
  await releaseBadly(bots, namespace)
  const resources = starting.move()
  return { production, shop, [Symbol.asyncDispose]: () => resources.disposeAsync() }
}
