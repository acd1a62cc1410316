import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { FeatureFlagSettings } from '../../../src/runbook/feature-flag/settings.ts'
import { FLAG } from '../../../src/sandbox/production.ts'
import { inSandbox } from './in-sandbox.ts'

const SWITCH: PlanRequest = { kind: 'feature-flag', flag: null }

const STORE = `flag ${FLAG} of production in Unleash`

/** Over Deployments whose bad version has brought a flag. */
export const flagsFor = () =>
  inSandbox(
    {
      featureFlag: FeatureFlagSettings.parse({
        name: FLAG,
        safe: 'false',
        precondition: {
          protects: 'legacy routes show every organisation’s projects',
          count: { database: 'es', collection: 'projects', of: 'projects belong to one' },
        },
        places: [
          { in: 'kubernetes-env', service: 'backend' },
          { in: 'unleash', environment: 'production' },
        ],
        readBack: {
          service: 'backend',
          path: '/flags',
          value: `$.${FLAG}`,
          instance: '$.instance',
          port: 8080,
        },
      }),
    },
    'tenant-flag',
    { [STORE]: { value: 'on', holders: ['backend'] } },
  )

/** Every step of a flag, as the first plan that holds it makes it. */
export const everyStepOnFlags: Readonly<
  Record<string, readonly [request: PlanRequest, index: number]>
> = {
  'check-precondition': [SWITCH, 0],
  'set-variable': [SWITCH, 1],
  'set-stored-flag': [SWITCH, 2],
  'read-flag-back': [SWITCH, 3],
}
