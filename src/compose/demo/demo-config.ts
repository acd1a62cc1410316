import { join, resolve } from 'node:path'
import { Communication } from '../../config/communication.ts'
import { loadConfig, type Config } from '../../config/load-config.ts'
import type { ScenarioName } from '../../sandbox/scenario.ts'
import { asSimulated, SHIPPED_SETTINGS, type Platform } from './as-simulated.ts'
import { app, DRILL_CHANNEL } from './cast.ts'

export const PLATFORMS = ['kubernetes', 'docker'] as const satisfies readonly Platform[]

export type Demo = {
  readonly slackApiUrl: string
  readonly data: string
  readonly platform: Platform
  readonly scenario: ScenarioName
}

/** The settings that ship, with the people of the local Slack and a production that is only simulated. */
export function demoConfig({ slackApiUrl, data, platform, scenario }: Demo): Config {
  const config = loadConfig({
    file: resolve(import.meta.dirname, '../../..', SHIPPED_SETTINGS[platform]),
    needs: ['slack'],
    variables: {
      BACKEND_URL: 'http://backend.demo.invalid',
      FRONTEND_URL: 'http://frontend.demo.invalid',
      PROMETHEUS_URL: 'http://prometheus.demo.invalid',
      SLACK_API_URL: slackApiUrl,
      SLACK_BOT_TOKEN: app.botToken,
      SLACK_APP_TOKEN: app.appToken,
      BACKOUT_DATA: data,
      BACKOUT_HTTP_PORT: '0',
    },
  })
  const simulated = asSimulated(config, { platform, scenario })
  const drills = { channel: DRILL_CHANNEL }
  const settings = { ...simulated.settings, drills }
  return withStatusPage({ ...simulated, settings }, join(data, 'status-page'))
}

/** Files that anybody who tries the demo can look at: no service is asked for a key. */
function withStatusPage(config: Config, folder: string): Config {
  const communication = Communication.parse({ statusPage: { provider: 'markdown', folder } })
  return { ...config, settings: { ...config.settings, communication } }
}
