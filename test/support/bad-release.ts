import { declare, type Declared } from '../e2e/reading.ts'
import type { Bot } from './bot.ts'
import { startBotCluster, type BotCluster } from './kubernetes.ts'
import { releaseBadly, startProduction, type Production } from './production.ts'
import { CY } from './slack/fixture.ts'

/** An incident that Cy has declared: a bad release on a real API server, and the bot beside it. */
export type BadRelease = AsyncDisposable & {
  readonly bots: BotCluster
  readonly production: Production
  readonly bot: Bot
  readonly declared: Declared
}

export async function startBadRelease(
  circumstances: Parameters<typeof startProduction>[1] & {
    /** What else is in the cluster before the bot looks at it. */
    readonly prepare?: (bots: BotCluster) => Promise<void>
  },
): Promise<BadRelease> {
  await using starting = new AsyncDisposableStack()
  const bots = starting.use(await startBotCluster())
  await circumstances.prepare?.(bots)
  const production = starting.use(await startProduction(bots, circumstances))
  await releaseBadly(bots, circumstances.namespace)
  const bot = starting.use(await production.startBot())
  const declared = await declare(production.slack, production.slack.as(CY))
  const all = starting.move()
  return { bots, production, bot, declared, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
