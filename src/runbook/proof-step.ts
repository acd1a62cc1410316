import { pageOf } from '../domain/page-of.ts'
import type { PlannedStep } from '../domain/plan.ts'
import { planned } from './planned.ts'
import type { RunbookSettings } from './settings.ts'
import { proveServices } from './steps/prove-services.ts'

/** Looks at every configured service; `wanted`: which version which service has to tell. */
export function proofStep(
  { services }: RunbookSettings,
  wanted: readonly (readonly [service: string, version: string])[],
): PlannedStep {
  const versions = new Map(wanted)
  return planned(proveServices, {
    services: services.map(({ name, url, health, version }) => {
      const is = versions.get(name)
      return {
        name,
        health: pageOf(url, health),
        version: version === null || is === undefined ? null : { url: pageOf(url, version), is },
      }
    }),
  })
}
