import {
  MatrixSettings,
  MetricsSettings,
  ServiceSettings,
} from '../../../src/domain/assessment/settings.ts'
import type { AssessSettings } from '../../../src/domain/assessment/settings.ts'

/** The defaults, for a backend and a frontend. */
export const assessSettings: AssessSettings = {
  services: ['backend', 'frontend'].map((name) =>
    ServiceSettings.parse({ name, url: `http://${name}.test` }),
  ),
  metrics: MetricsSettings.parse({}),
  matrix: MatrixSettings.parse({}),
  activeUsersKey: 'active_users_count',
  deadlineMs: 1_000,
  deployed: { services: ['backend', 'frontend'] },
}
