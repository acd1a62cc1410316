import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { FLAG } from '../../../src/sandbox/production.ts'
import { CHECKED, flagSettings, IN_CONFIG_MAP } from '../../support/flag.ts'
import { inSandbox } from './in-sandbox.ts'

const SWITCH: PlanRequest = { kind: 'feature-flag', flag: null }

const STORE = `flag ${FLAG} of production in Unleash`

/** Over Deployments whose bad version has brought a flag: as a variable, or as one that is read from a ConfigMap. */
export function flagsFor(id: string) {
  if (id === 'set-config-map-key')
    return inSandbox(
      { featureFlag: flagSettings(IN_CONFIG_MAP.settings) },
      {
        scenario: 'tenant-flag',
        configMaps: IN_CONFIG_MAP.maps,
      },
    )
  const places = [
    { in: 'kubernetes-env', service: 'backend' },
    { in: 'unleash', environment: 'production' },
  ]
  return inSandbox(
    { featureFlag: flagSettings({ ...CHECKED, places }) },
    { scenario: 'tenant-flag', flags: { [STORE]: { value: 'on', holders: ['backend'] } } },
  )
}

/** Every step of a flag, as the first plan that holds it makes it. */
export const everyStepOnFlags: Readonly<
  Record<string, readonly [request: PlanRequest, index: number]>
> = {
  'check-precondition': [SWITCH, 0],
  'set-variable': [SWITCH, 1],
  'set-config-map-key': [SWITCH, 0],
  'set-stored-flag': [SWITCH, 2],
  'read-flag-back': [SWITCH, 3],
}
