import type { Alerts } from './alerts.ts'
import type { Backups } from './backups.ts'
import type { Cache } from './cache.ts'
import type { Checks } from './checks.ts'
import type { Clock } from './clock.ts'
import type { Collections } from './collections.ts'
import type { ConfigMaps } from './config-maps.ts'
import type { Containers } from './containers.ts'
import type { Database } from './database.ts'
import type { Deployments } from './deployments.ts'
import type { Endpoints } from './endpoints.ts'
import type { FlagStores } from './flag-stores.ts'
import type { Instances } from './instances.ts'
import type { Jobs } from './jobs.ts'
import type { Metrics } from './metrics.ts'
import type { OwnChanges } from './own-changes.ts'
import type { Owners } from './owners.ts'
import type { ReleaseLedger } from './release-ledger.ts'
import type { Workloads } from './workloads.ts'

/** Everything that probes may ask. `null`: not configured, so not asked. */
export type World = {
  readonly clock: Clock
  readonly endpoints: Endpoints
  readonly metrics: Metrics | null
  readonly cache: Cache | null
  readonly database: Database | null
  /** The collections that a rollback may replace, and the backups that they can be restored from. */
  readonly collections: Collections | null
  readonly backups: Backups | null
  /** What runs a program once; left out: nothing is to be run. */
  readonly jobs?: Jobs | null
  /** All services, whatever runs them. */
  readonly workloads: Workloads | null
  /** Those that run as Deployments. */
  readonly deployments: Deployments | null
  /** What these read their settings from. */
  readonly configMaps: ConfigMaps | null
  /** Those that run as containers on hosts. */
  readonly containers: Containers | null
  /** What ran on hosts that keep no history of it. */
  readonly ledger: ReleaseLedger | null
  /** What runs each service, pod by pod and container by container. */
  readonly instances: Instances | null
  readonly owners: Owners | null
  /** Where feature flags are kept outside of what runs the services. */
  readonly flagStores: FlagStores | null
  readonly alerts: Alerts | null
  /** What is verified after a rollback; left out where no plan asks for it on its way. */
  readonly checks?: Checks
  /** What Backout itself changed lately; left out where nothing keeps that. */
  readonly ownChanges?: OwnChanges
  /** What asks caches to forget that are not ours to clear, a CDN or a proxy; left out where there are none. */
  readonly purges?: Checks
}
