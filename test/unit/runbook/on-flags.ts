import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { FLAG } from '../../../src/sandbox/production.ts'
import { CHECKED, flagSettings } from '../../support/flag.ts'
import { inSandbox } from './in-sandbox.ts'

const SWITCH: PlanRequest = { kind: 'feature-flag', flag: null }

const STORE = `flag ${FLAG} of production in Unleash`

/** Over Deployments whose bad version has brought a flag. */
export const flagsFor = () =>
  inSandbox(
    {
      featureFlag: flagSettings({
        ...CHECKED,
        places: [
          { in: 'kubernetes-env', service: 'backend' },
          { in: 'unleash', environment: 'production' },
        ],
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
