import { join, resolve } from 'node:path'
import { Communication } from '../../config/communication.ts'
import { loadConfig, type Config } from '../../config/load-config.ts'
import { servicesRunBy } from '../../config/procedures.ts'
import { runbookSettings } from '../../config/runbook-settings.ts'
import { configuredItems, VerificationSettings } from '../../domain/verification/settings.ts'
import { DatabaseSettings } from '../../runbook/database/settings.ts'
import { app } from './cast.ts'

/** What runs the simulated services, and the settings that ship for it. */
const SHIPPED_SETTINGS = { kubernetes: 'backout.yaml', docker: 'backout.docker.yaml' } as const
export type Platform = keyof typeof SHIPPED_SETTINGS

export const PLATFORMS = ['kubernetes', 'docker'] as const satisfies readonly Platform[]

/** The settings that ship, with the people of the local Slack and a production that is only simulated. */
export function demoConfig(slackApiUrl: string, data: string, platform: Platform): Config {
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
  const { deadlineMs } = config.verification
  const verification = { deadlineMs, items: configuredItems(DEMO) }
  return withStatusPage(withDatabase({ ...config, verification }), join(data, 'status-page'))
}

/** The runbook's. Its backups are simulated as it is: the folder is only a word. */
function withDatabase(config: Config): Config {
  const database = DatabaseSettings.parse({
    name: 'es',
    collections: ['projects', 'organizations'],
    backups: { folder: '/backups' },
    writers: ['backend'],
  })
  const settings = {
    ...config.settings,
    procedures: { ...config.settings.procedures, database },
  }
  const deployed = servicesRunBy(settings.procedures).map(({ name }) => name)
  return { ...config, settings, runbook: runbookSettings(settings, deployed) }
}

/** Files that anybody who tries the demo can look at: no service is asked for a key. */
function withStatusPage(config: Config, folder: string): Config {
  const communication = Communication.parse({ statusPage: { provider: 'markdown', folder } })
  return { ...config, settings: { ...config.settings, communication } }
}

const LOGIN = {
  service: 'backend',
  path: '/api/login',
  method: 'POST',
  writes: false,
  body: { json: { user: 'backout-check', password: 'simulated' } },
  save: { token: '$.token' },
} as const

const AS_THEM = { Authorization: 'Bearer ${saved.token}' }

/** As a team would set it for the simulated services: only a search is left for a person to look at. */
const DEMO = VerificationSettings.parse({
  items: {
    usersLogIn: { kind: 'chain', steps: [LOGIN] },
    dataAccessible: {
      kind: 'chain',
      steps: [
        LOGIN,
        {
          service: 'backend',
          path: '/api/documents',
          headers: AS_THEM,
          expect: { json: [{ path: '$.documents', atLeast: 1 }] },
        },
      ],
    },
    uploadsWork: {
      kind: 'chain',
      steps: [
        LOGIN,
        {
          service: 'backend',
          path: '/api/files',
          method: 'POST',
          headers: AS_THEM,
          body: {
            file: { field: 'file', name: 'backout-${check.id}.txt', text: 'check ${check.id}' },
          },
          save: { id: '$.id' },
        },
        {
          service: 'backend',
          path: '/api/files/${saved.id}',
          headers: AS_THEM,
          expect: { contains: ['check'] },
        },
      ],
      cleanUp: {
        service: 'backend',
        path: '/api/files/${saved.id}',
        method: 'DELETE',
        headers: AS_THEM,
      },
    },
  },
})
