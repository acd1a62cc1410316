import { servicesRunBy, type Procedures } from '../../config/procedures.ts'
import { runbookSettings } from '../../config/runbook-settings.ts'
import type { Config } from '../../config/load-config.ts'
import { IsolationSettings } from '../../domain/assessment/isolation.ts'
import { configuredItems, VerificationSettings } from '../../domain/verification/settings.ts'
import { DatabaseSettings } from '../../runbook/database/settings.ts'
import { FullSettings } from '../../runbook/full/settings.ts'
import { FeatureFlagSettings } from '../../runbook/feature-flag/settings.ts'
import { FLAG } from '../../sandbox/production.ts'
import type { ScenarioName } from '../../sandbox/scenario.ts'

/** What runs the simulated services, and the settings that ship for it. */
export const SHIPPED_SETTINGS = {
  kubernetes: 'backout.yaml',
  docker: 'backout.docker.yaml',
} as const
export type Platform = keyof typeof SHIPPED_SETTINGS

/** The settings with all that the simulated services of a scenario have: what is verified, and every way back. */
export function asSimulated(
  config: Config,
  { platform, scenario }: { readonly platform: Platform; readonly scenario: ScenarioName },
): Config {
  const { deadlineMs } = config.verification
  const verification = { deadlineMs, items: configuredItems(DEMO) }
  const settings = { ...config.settings, verification: DEMO }
  // Elsewhere nothing has to do with who sees what.
  const isolation = scenario === 'tenant-flag' ? ISOLATION : []
  const assess = { ...config.assess, isolation }
  return withProcedures(
    { ...config, assess, settings, verification },
    {
      database: DATABASE,
      // Elsewhere the release brought no flag.
      ...(scenario === 'tenant-flag' ? { featureFlag: flagOn(platform) } : {}),
      ...(scenario === 'data-corruption' ? { full: FullSettings.parse({}) } : {}),
    },
  )
}

/** The runbook's. Its backups are simulated as it is: the folder is only a word. */
const DATABASE = DatabaseSettings.parse({
  name: 'es',
  collections: ['projects', 'organizations'],
  backups: { folder: '/backups' },
  writers: ['backend'],
  proveBy: ['uploadsWork'],
})

/** The runbook's, kept where the platform keeps it. */
function flagOn(platform: Platform) {
  const place = platform === 'docker' ? 'docker-env' : 'kubernetes-env'
  return FeatureFlagSettings.parse({
    name: FLAG,
    safe: 'false',
    precondition: {
      protects: 'legacy routes show every organisation’s projects',
      count: {
        database: 'es',
        collection: 'projects',
        filter: { organizationId: { $ne: null } },
        of: 'projects belong to an organisation',
      },
    },
    places: [{ in: place, service: 'backend' }],
    readBack: {
      service: 'backend',
      path: '/flags',
      value: `$.${FLAG}`,
      instance: '$.instance',
      port: 8080,
    },
  })
}

function withProcedures(config: Config, procedures: Partial<Procedures>): Config {
  const settings = {
    ...config.settings,
    procedures: { ...config.settings.procedures, ...procedures },
  }
  const deployed = servicesRunBy(settings.procedures).map(({ name }) => name)
  return { ...config, settings, runbook: runbookSettings(settings, deployed) }
}

const ISOLATION = IsolationSettings.parse([
  {
    name: 'acme does not see globex',
    service: 'backend',
    headers: { Authorization: 'Bearer simulated-session' },
    sees: { path: '/api/projects/acme-1', text: 'Acme roadmap' },
    mustNotSee: { path: '/api/projects/globex-1', text: 'Globex roadmap' },
  },
])

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
