import type { Config, Configs } from '../config/load-config.ts'
import { steadyClock } from '../engine/steady-clock.ts'
import type { Log } from '../ports/log.ts'
import type { World } from '../ports/world.ts'
import { reachSlack } from './reach-slack.ts'
import { sleep } from './sleep.ts'

export type Bot = {
  readonly httpPort: number
  /** Rejects when Slack refuses us for good, or production cannot be opened. Otherwise never ends. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/** With Slack away, everything else is there without it after this. */
const WITHOUT_SLACK_AFTER_MS = 1_000

/**
 * Alone, it connects to Slack and then loads and opens the rest: what somebody types meanwhile waits for it, and is
 * not refused as from a bot that is not there. Beside others on one journal, another one takes it meanwhile: then
 * this one connects when it can.
 */
export async function startBot(
  configs: Configs,
  openWorld: (config: Config) => Promise<World>,
  log: Log,
): Promise<Bot> {
  const clock = steadyClock({ wall: Date.now, monotonic: () => performance.now() })
  const [first] = configs
  const reached = reachSlack(first, { clock, log })
  const stopping = new AbortController()
  const connect = () => reached.slack.start(sleep, stopping.signal)
  const isAlone = configs.every(({ environment }) => !environment.BACKOUT_DATABASE_URL)
  const early = isAlone ? connect() : null
  if (early) {
    // That it is refused is told by `failed`.
    await Promise.race([early, sleep(WITHOUT_SLACK_AFTER_MS, stopping.signal)]).catch(() => {})
  }
  const { serve } = await import('./serve.ts')
  const around = { clock, log, openWorld, stopping: stopping.signal }
  const { httpPort, opened, stop } = await serve(configs, { ...reached, ...around })
  const connected = early ?? connect()
  return {
    httpPort,
    failed: Promise.all([connected, opened]).then(() => new Promise<never>(() => {})),
    async stop() {
      stopping.abort()
      await stop()
    },
  }
}
