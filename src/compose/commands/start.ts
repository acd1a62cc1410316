import { pinoLog } from '../../adapters/log/pino-log.ts'
import { networkDiskOf } from '../../adapters/sqlite/network-disk.ts'
import type { Config, Configs } from '../../config/load-config.ts'
import { WrongConfiguration } from '../../config/problem.ts'
import { VERSION } from '../../config/version.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Log } from '../../ports/log.ts'
import { startBot } from '../bot.ts'
import { surviveKnownSlackDefects, untilStopped } from '../process.ts'

/** Runs the bot until a signal stops it. Returns the exit code. */
export async function runStart(configs: Configs): Promise<number> {
  const [first] = configs
  const log = pinoLog({ level: first.environment.BACKOUT_LOG_LEVEL })
  surviveKnownSlackDefects(log)
  for (const config of configs) refuseNetworkDisk(config, log)
  await using ending = new AsyncDisposableStack()
  const open = async (config: Config) => {
    const [{ openWorld }, { unprotected }] = await Promise.all([
      import('../open-world.ts'),
      import('../unprotected.ts'),
    ])
    const { world, close } = await openWorld(config)
    ending.defer(close)
    for (const { dependency, found, todo } of await unprotected(config)) {
      const { environment } = config.settings
      log.warn('a connection is not protected', { environment, dependency, found, todo })
    }
    return world
  }
  const bot = await startBot(configs, open, log)
  const environment = configs.map(({ settings }) => settings.environment).join(', ')
  log.info('Backout started', { version: VERSION, http: bot.httpPort, environment })
  for (const config of configs) void sayAboutJournal(config, log)
  try {
    await Promise.race([bot.failed, untilStopped()])
    log.info('stopping')
    return 0
  } catch (error) {
    log.error('Backout cannot run; try doctor', { error })
    if (error instanceof Fault) return 1
    throw error
  } finally {
    await bot.stop()
  }
}

/** Beside everything else: nothing waits for it. */
async function sayAboutJournal(config: Config, log: Log): Promise<void> {
  try {
    const { aboutJournal } = await import('../open-journal.ts')
    for (const { state, tried, found, todo } of await aboutJournal(config)) {
      log[state === 'ok' ? 'info' : 'warn']('about the journal', { tried, found, todo })
    }
  } catch (error) {
    log.warn('what the journal is kept in cannot be looked at', { error })
  }
}

/** Before anything is written there: what is lost is lost without a word. */
function refuseNetworkDisk({ environment: env }: Config, log: Log): void {
  // Then neither the journal nor the history of releases is there.
  if (env.BACKOUT_DATABASE_URL !== undefined) return
  const kind = networkDiskOf(env.BACKOUT_DATA)
  if (kind === null) return
  const what = `BACKOUT_DATA is on ${kind}, where what Backout has written may be lost, and two of them may write at once`
  if (env.BACKOUT_DATA_ANYWAY === '1') return log.warn(what)
  const todo =
    'move it to a local disk; BACKOUT_DATA_ANYWAY=1 starts all the same, for those who know that theirs keeps locks and fsync'
  throw new WrongConfiguration([{ where: 'environment', what: `${what}; ${todo}` }])
}
