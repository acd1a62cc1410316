import { pageOf } from '../domain/page-of.ts'
import type { PlannedStep } from '../domain/plan.ts'
import { planned } from './planned.ts'
import type { RunbookSettings } from './settings.ts'
import { proveServices } from './steps/prove-services.ts'

/** Looks at these services; `versions`: what each may tell of itself, `null` for whatever it likes. */
export function proofStep(
  settings: RunbookSettings,
  wanted: readonly { readonly service: string; readonly versions: readonly string[] | null }[],
): PlannedStep[] {
  const services = settings.services.flatMap(({ name, url, health, version }) => {
    const one = wanted.find(({ service }) => service === name)
    if (!one) return []
    const told =
      version !== null && one.versions
        ? { url: pageOf(url, version), oneOf: [...one.versions] }
        : null
    return [{ name, health: pageOf(url, health), version: told }]
  })
  return services.length > 0 ? [planned(proveServices, { services })] : []
}
