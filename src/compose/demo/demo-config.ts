import { resolve } from 'node:path'
import { loadConfig, type Config } from '../../config/load-config.ts'
import { app } from './cast.ts'

const SHIPPED_SETTINGS = resolve(import.meta.dirname, '../../../backout.yaml')

/** The settings that ship, with the people of the local Slack and a production that is only simulated. */
export function demoConfig(slackApiUrl: string, data: string): Config {
  return loadConfig({
    file: SHIPPED_SETTINGS,
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
}
