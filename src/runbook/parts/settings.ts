import type { OwnerName } from '../../domain/plan/owner.ts'
import type {
  CacheSettings,
  MaintenanceSettings,
  ServiceSettings,
} from '../../domain/assessment/settings.ts'

/** What plans are made of. */
export type RunbookSettings = {
  readonly services: readonly ServiceSettings[]
  /** The services that run as Deployments, and where; `null`: none is configured. */
  readonly kubernetes: {
    readonly namespace: string
    readonly services: readonly string[]
    /** What else writes to them and may be suspended. */
    readonly suspend: readonly OwnerName[]
  } | null
  readonly cache: CacheSettings
  readonly maintenance: MaintenanceSettings
}
