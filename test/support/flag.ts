import { FeatureFlagSettings } from '../../src/runbook/feature-flag/settings.ts'
import type { FlagSettings } from '../../src/runbook/parts/flag-settings.ts'
import { FLAG } from '../../src/sandbox/production.ts'

/** What the flag of the simulated services protects. */
export const PRECONDITION = {
  protects: 'legacy routes show every organisation’s projects',
  count: {
    database: 'es',
    collection: 'projects',
    filter: { organizationId: { $ne: null } },
    of: 'projects belong to an organisation',
  },
}

const READ_BACK = {
  service: 'backend',
  path: '/flags',
  value: `$.${FLAG}`,
  instance: '$.instance',
  port: 8080,
}

/** That flag in a variable of a Deployment and nothing more; what else is wanted comes with it. */
export function flagSettings(more: object = {}): FlagSettings {
  return FeatureFlagSettings.parse({
    name: FLAG,
    safe: 'false',
    places: [{ in: 'kubernetes-env', service: 'backend' }],
    ...more,
  })
}

/** Checked before, and read back afterwards. */
export const CHECKED = { precondition: PRECONDITION, readBack: READ_BACK }

const REAL_NAME = 'general-5hch2k'
const GENERAL = { data: { [FLAG]: 'true', LOG_LEVEL: 'info' } }

/** The same flag in a ConfigMap, which the pods know by a name with a hash. */
export const IN_CONFIG_MAP = {
  name: REAL_NAME,
  settings: { places: [{ in: 'config-map', configMap: 'general', services: ['backend'] }] },
  map: GENERAL,
  maps: { [REAL_NAME]: GENERAL },
}
