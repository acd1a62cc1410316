import type { Config } from '../config/load-config.ts'
import { ProcedureName } from '../domain/plan/requests.ts'

/** The ways back that are configured, the cheapest first. */
export function waysBackIn({ settings }: Pick<Config, 'settings'>): readonly ProcedureName[] {
  const configured: Readonly<Record<string, unknown>> = settings.procedures
  return ProcedureName.options.filter((name) => configured[camelCased(name)] != null)
}

/** As it is called in the settings: `feature-flag` is `featureFlag`. */
function camelCased(name: ProcedureName): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
