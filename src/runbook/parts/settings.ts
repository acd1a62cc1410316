import type { OwnerName } from '../../domain/plan/owner.ts'
import type {
  CacheSettings,
  MaintenanceSettings,
  ServiceSettings,
} from '../../domain/assessment/settings.ts'

/** What plans are made of. */
export type RunbookSettings = {
  readonly environment: string
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
  /** Whether the settings name people who sign for data. */
  readonly dataOwners: boolean
  /** How long each question to the world may take, for an assessment. */
  readonly deadlineMs: number
}
