import type { CacheSettings, MaintenanceSettings, ServiceSettings } from '../domain/settings.ts'

/** What plans are made of. */
export type RunbookSettings = {
  readonly services: readonly ServiceSettings[]
  /** The services that run as Deployments, and where; `null`: none is configured. */
  readonly kubernetes: { readonly namespace: string; readonly services: readonly string[] } | null
  readonly cache: CacheSettings
  readonly maintenance: MaintenanceSettings
}
