import { z } from 'zod'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import type { OwnerName } from '../../domain/plan/owner.ts'
import type { FlagSettings } from './flag-settings.ts'
import type { ServiceSettings } from '../../domain/assessment/settings.ts'
import type { PeoplesDeed } from './people.ts'

const Prefix = z.string().min(1, 'an empty prefix would be every key')

/** `redis.cache` in backout.yaml: which keys of Redis are a cache, and which are never touched. */
export const CacheSettings = z.strictObject({
  prefixes: z.array(Prefix).default([]),
  protectedPrefixes: z.array(Prefix).default([]),
})
export type CacheSettings = z.infer<typeof CacheSettings>

/** `maintenance` in backout.yaml: the switch that the services read, to tell people that they are being repaired. */
export const MaintenanceSettings = z.strictObject({
  key: z.string().min(1).default('maintenance_mode'),
  messageKey: z.string().min(1).default('maintenance_message'),
  message: z
    .string()
    .min(1)
    .default('System maintenance in progress. Please try again in 15 minutes.'),
  /** A page that answers with this status while maintenance is on, and with another one while it is off. */
  proof: z
    .strictObject({
      url: z.url({ protocol: /^https?$/, error: 'an http or https address' }),
      status: z.int().min(100).max(599).default(503),
    })
    .nullable()
    .default(null),
})
export type MaintenanceSettings = z.infer<typeof MaintenanceSettings>

/** What plans are made of. */
export type RunbookSettings = {
  readonly environment: string
  readonly services: readonly ServiceSettings[]
  /** The services that run as Deployments, and where; `null`: none is configured. */
  readonly kubernetes: {
    readonly namespace: string
    readonly services: readonly string[]
    /** Templates that came within so long of each other are one release. */
    readonly releaseWindowMs: number
    /** What else writes to them and may be suspended. */
    readonly suspend: readonly OwnerName[]
  } | null
  /** The services that run as containers on hosts; `null`: none is configured. */
  readonly docker: {
    readonly services: readonly string[]
    readonly releaseWindowMs: number
    /** How long a new container gets until it has to be well. */
    readonly readyWithinMs: number
    readonly settleMs: number
  } | null
  /** `null`: no database is configured that may be rolled back. */
  readonly database: {
    /** What a rollback replaces; everything else in the database is left alone. */
    readonly collections: readonly string[]
    readonly maxBackupAgeMs: number
    /** The services that write to it. */
    readonly writers: readonly string[]
    /** How long at least what was replaced is kept. */
    readonly keepMs: number
    readonly mostWrittenMeanwhile: number
    /** Of these it is said by name that what was deleted comes back. */
    readonly personal: readonly string[]
    /** Items of the verification that have to pass before people are told that it is over. */
    readonly proveBy: readonly {
      readonly id: string
      readonly title: string
      /** Whether it tries a write. */
      readonly writes: boolean
    }[]
    /** What holds copies of the data, and is not rolled back with it. */
    readonly dependentStores: readonly {
      readonly name: string
      readonly afterwards: string
      readonly by: string
    }[]
    /** What the release has done to the rest of the data, and what takes it back; left out: nothing does. */
    readonly migration?: {
      readonly ledger: {
        readonly collection: string
        readonly applied: Record<string, PlannedStep['input']>
      }
      readonly collections: readonly string[]
      readonly image: string
      readonly command: readonly string[]
      readonly seconds: number
    }
  } | null
  /** What is stopped while code and data go back together; `null`: that is not configured. */
  readonly full: {
    readonly stop: readonly string[]
    readonly people?: readonly PeoplesDeed[]
  } | null
  /** `null`: no flag is configured that may be switched off. */
  readonly featureFlag: FlagSettings | null
  readonly cache: CacheSettings
  /** What holds copies of pages and is asked to forget them; left out: nothing. */
  readonly purges?: readonly { readonly id: string; readonly title: string }[]
  readonly maintenance: MaintenanceSettings
  /** Whether the settings name people who sign for data. */
  readonly dataOwners: boolean
  /** How long each question to the world may take, for an assessment. */
  readonly deadlineMs: number
}
