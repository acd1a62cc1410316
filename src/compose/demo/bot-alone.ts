import { pinoLog } from '../../adapters/log/pino-log.ts'
import { startBot } from '../bot.ts'
import { surviveKnownSlackDefects, untilStopped } from '../process.ts'
import { demoConfig, type Demo } from './demo-config.ts'
import { borrow } from './borrowed-world.ts'

/** Only the bot of a demo: its Slack and its production are in the process that started it. */
export async function runBotAlone(demo: Demo): Promise<number> {
  if (!process.send) throw new TypeError('--lent-production is for the demo itself: try --crash')
  const log = pinoLog({ level: process.env['BACKOUT_LOG_LEVEL'] || 'error' })
  surviveKnownSlackDefects(log)
  // Whoever killed the demo wants no bot left behind.
  process.once('disconnect', () => process.exit(1))
  const { world, hear } = borrow(tell, demo.platform)
  process.on('message', hear)
  const bot = await startBot([demoConfig(demo)], async () => world, log)
  tell({ httpPort: bot.httpPort })
  try {
    await Promise.race([bot.failed, untilStopped()])
    return 0
  } finally {
    await bot.stop()
  }
}

function tell(message: object): void {
  process.send?.(message)
}
