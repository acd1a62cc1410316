import { pageOf } from '../../domain/base/service-url.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import { planned } from './plan-step.ts'
import type { RunbookSettings } from './settings.ts'
import { proveServices } from './steps/prove-services.ts'

/** Looks at every configured service that runs. `versions`: what it may tell of itself, where that is known. */
export function proofStep(
  settings: RunbookSettings,
  wanted: {
    readonly versions: ReadonlyMap<string, readonly string[]>
    /** Services of which no pod runs. */
    readonly without: readonly string[]
  },
): PlannedStep[] {
  const services = settings.services
    .filter(({ name }) => !wanted.without.includes(name))
    .map(({ name, url, health, version }) => {
      const versions = wanted.versions.get(name)
      const told =
        version !== null && versions ? { url: pageOf(url, version), oneOf: [...versions] } : null
      return { name, health: pageOf(url, health), version: told }
    })
  return services.length > 0 ? [planned(proveServices, { services })] : []
}
