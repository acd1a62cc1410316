import { resolve } from 'node:path'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'
import { startBot } from '../../src/compose/bot.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import type { Settings } from '../../src/config/settings-file.ts'
import type { OwnerName } from '../../src/domain/plan/owner.ts'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import type { SandboxWorld } from '../../src/sandbox/world.ts'
import { dataFolder } from '../support/bot.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'

const SHIPPED_SETTINGS = resolve(import.meta.dirname, '../../backout.yaml')

/** The whole bot in this process, with a hand on its production: somebody deploys, something breaks. */
export const withStage = async (
  slack: Slack,
  scenario: ScenarioName,
  use: (stage: SandboxWorld, httpPort: number) => Promise<void>,
  suspend: readonly OwnerName[] = [],
  more: Partial<Pick<Settings, 'releaseWatch'>> = {},
): Promise<void> => {
  const shipped = loadConfig({
    file: SHIPPED_SETTINGS,
    needs: ['slack'],
    variables: {
      BACKEND_URL: 'http://backend.invalid',
      FRONTEND_URL: 'http://frontend.invalid',
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: slack.workspace.app.botToken,
      SLACK_APP_TOKEN: slack.workspace.app.appToken,
      BACKOUT_DATA: dataFolder(),
      BACKOUT_HTTP_PORT: '0',
    },
  })
  const { kubernetes } = shipped.runbook
  const runbook = { ...shipped.runbook, kubernetes: kubernetes && { ...kubernetes, suspend } }
  const config = { ...shipped, runbook, settings: { ...shipped.settings, ...more } }
  const stage = sandboxWorld({ scenario, clock: { now: Date.now }, settings: config.assess })
  const bot = await startBot([config], async () => stage.world, pinoLog({ level: 'error' }))
  try {
    await until(
      async () => (await fetch(`http://127.0.0.1:${bot.httpPort}/readyz`)).ok,
      'the bot to be ready',
    )
    await use(stage, bot.httpPort)
  } finally {
    await bot.stop()
  }
}
