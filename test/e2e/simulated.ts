import { parseArgs } from 'node:util'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'
import { startBot } from '../../src/compose/bot.ts'
import { surviveKnownSlackDefects, untilStopped } from '../../src/compose/process.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { scenarioNames } from '../../src/sandbox/scenario.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'

/** `start` with settings of its own, over the demo's production: approvers' groups, HTTP mode. */
const { values } = parseArgs({
  options: { config: { type: 'string' }, scenario: { type: 'string' } },
})
const scenario = scenarioNames.find((name) => name === values.scenario)
if (!scenario || !values.config) throw new TypeError('say --config FILE and --scenario NAME')
const config = loadConfig({ file: values.config, variables: process.env, needs: ['slack'] })
const log = pinoLog({ level: 'info' })
surviveKnownSlackDefects(log)
const { world } = sandboxWorld({ scenario, clock: { now: Date.now }, settings: config.assess })
const bot = await startBot([config], async () => world, log)
log.info('started', { http: bot.httpPort })
await Promise.race([bot.failed, untilStopped()])
await bot.stop()
process.exit()
