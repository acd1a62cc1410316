import { parseArgs } from 'node:util'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'
import { startBot } from '../../src/compose/bot.ts'
import { surviveKnownSlackDefects, untilStopped } from '../../src/compose/process.ts'
import { loadConfigs, type Config } from '../../src/config/load-config.ts'
import type { World } from '../../src/ports/world.ts'
import { scenarioNames, type ScenarioName } from '../../src/sandbox/scenario.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'

/**
 * `start` with settings of its own, over the demo's production: approvers' groups, HTTP mode, several environments. Each
 * of these has a production of its own, in the order of the settings; the last scenario is that of all that follow.
 */
const { values } = parseArgs({
  options: { config: { type: 'string' }, scenario: { type: 'string' } },
})
const [first, ...others] = (values.scenario ?? '').split(',').map(scenarioNamed)
if (!first || !values.config) throw new TypeError('say --config FILE and --scenario NAME[,NAME]')
const configs = loadConfigs({ file: values.config, variables: process.env, needs: ['slack'] })
const log = pinoLog({ level: 'info' })
surviveKnownSlackDefects(log)
const worlds = configs.map(({ assess }, index) => {
  const scenario = [first, ...others][index] ?? others.at(-1) ?? first
  return sandboxWorld({ scenario, clock: { now: Date.now }, settings: assess }).world
})
const worldOf = (config: Config): World => {
  const world = worlds[configs.indexOf(config)]
  if (!world) throw new TypeError('a production for settings that were not read')
  return world
}
const bot = await startBot(configs, async (config) => worldOf(config), log)
log.info('started', { http: bot.httpPort })
await Promise.race([bot.failed, untilStopped()])
await bot.stop()
process.exit()

function scenarioNamed(typed: string): ScenarioName {
  const scenario = scenarioNames.find((name) => name === typed)
  if (!scenario) throw new TypeError(`there is no scenario ${typed}`)
  return scenario
}
