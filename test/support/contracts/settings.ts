import {
  MatrixSettings,
  MetricsSettings,
  ServiceSettings,
} from '../../../src/domain/assessment/settings.ts'
import type { ReadFeasibility } from '../../../src/assess/assess.ts'
import { MaintenanceSettings, type RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import { feasibilityReader } from '../../../src/runbook/runbook.ts'
import type { AssessSettings } from '../../../src/domain/assessment/settings.ts'

/** The defaults, for a backend and a frontend. */
export const assessSettings: AssessSettings = {
  services: ['backend', 'frontend'].map((name) =>
    ServiceSettings.parse({ name, url: `http://${name}.test` }),
  ),
  metrics: MetricsSettings.parse({}),
  matrix: MatrixSettings.parse({}),
  activeUsersKey: 'active_users_count',
  maintenanceKey: 'maintenance_mode',
  clearsCache: true,
  deadlineMs: 1_000,
  deployed: { services: ['backend', 'frontend'] },
}

/** The runbook's, for the same services: what plans are made of. */
export function runbookSettingsOf(assess: AssessSettings): RunbookSettings {
  return {
    environment: 'production',
    services: assess.services,
    docker: null,
    database: null,
    featureFlag: null,
    full: null,
    kubernetes: assess.deployed && {
      namespace: 'production',
      services: assess.deployed.services,
      releaseWindowMs: 30 * 60_000,
      suspend: [],
    },
    cache: { prefixes: ['cache:'], protectedPrefixes: ['cache:tags:'] },
    maintenance: MaintenanceSettings.parse({}),
    dataOwners: false,
    deadlineMs: assess.deadlineMs,
  }
}

/** Which ways back there are, as an assessment reads it. */
export function waysBackOver(assess: AssessSettings): ReadFeasibility {
  const read = feasibilityReader(runbookSettingsOf(assess))
  return (world, began) => read(world, [], new AbortController().signal, began)
}
