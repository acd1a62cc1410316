import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { dataFolder, startDemoSlack } from '../support/bot.ts'
import type { Slack } from '../support/slack/slack.ts'
import { ratioWithin, reported, spreadText } from './outcome.ts'
import type { Outcome } from './outcome.ts'
import { compare, measurePairs, spread } from './pairs.ts'
import {
  asNpmStart,
  BARE_BOLT,
  processorMs,
  slackEnvironment,
  startNode,
  untilSeen,
} from './processes.ts'
import { everythingConfigured, nobodyThere } from './settings.ts'

/** Long enough for everything that comes after the connection. */
const SETTLES_WITHIN_MS = 3_000

/**
 * From starting the process to Slack's hello on its socket, seen by Slack. Of the bot everything is
 * configured; nobody is there to be connected to, and nobody needs to be.
 */
export const coldStart = async (): Promise<readonly Outcome[]> => {
  await using resources = new AsyncDisposableStack()
  const slack = resources.adopt(await startDemoSlack(), (one) => one.stop())
  const folder = dataFolder()
  const config = join(folder, 'backout.yaml')
  writeFileSync(config, everythingConfigured)
  const bot = asNpmStart(config, { ...slackEnvironment(slack), ...nobodyThere(folder) })
  const bare = { args: [BARE_BOLT], env: slackEnvironment(slack) }
  const cached = { ...bare, env: { ...bare.env, NODE_COMPILE_CACHE: join(folder, 'compiled') } }

  // What is compiled is kept when a process ends in order.
  for (const side of [bot, cached]) await start(slack, side, 'settled')

  const processor: { bot: number[]; bare: number[] } = { bot: [], bare: [] }
  const measured = (side: Side, times: number[]) => async () => {
    const { tookMs, onProcessorMs } = await start(slack, side, 'connected')
    times.push(onProcessorMs)
    return tookMs
  }
  const gated = await ratioWithin({
    what: 'cold start to socket connected, against a bare Bolt app',
    gate: 1.5,
    pairs: 15,
    sides: { subject: measured(bot, processor.bot), baseline: measured(bare, processor.bare) },
    more: () => [
      `of that on a processor: ours ${spreadText(spread(processor.bot))}, baseline ${spreadText(spread(processor.bare))}`,
    ],
  })
  const alike = compare(
    await measurePairs({ subject: measured(bot, []), baseline: measured(cached, []) }),
  )
  return [
    gated,
    reported(
      'the same against a bare Bolt app with a compile cache too',
      `${alike.ratio.toFixed(2)} x (95 %: ${alike.low.toFixed(2)} to ${alike.high.toFixed(2)})`,
      [`ours ${spreadText(alike.subject)}, baseline ${spreadText(alike.baseline)}`],
    ),
  ]
}

type Side = { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> }

const start = async (slack: Slack, { args, env }: Side, until: 'connected' | 'settled') => {
  await untilSeen(() => slack.sockets.open().length === 0, 'the last one to be gone')
  const startedMs = performance.now()
  const { pid, end } = startNode(args, env)
  await untilSeen(() => slack.sockets.open().length > 0, `a socket of ${args.at(0)}`)
  const tookMs = performance.now() - startedMs
  const onProcessorMs = processorMs(pid)
  if (until === 'settled') await pause(SETTLES_WITHIN_MS)
  await end(until === 'settled' ? 'SIGINT' : 'SIGKILL')
  return { tookMs, onProcessorMs }
}
