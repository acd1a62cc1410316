import { Fault } from '../../domain/base/fault.ts'
import type { Backups } from '../../ports/backups.ts'
import type { Checks } from '../../ports/checks.ts'
import type { Collections } from '../../ports/collections.ts'
import type { ConfigMaps } from '../../ports/config-maps.ts'
import type { Cache } from '../../ports/cache.ts'
import type { Database } from '../../ports/database.ts'
import type { FlagStores } from '../../ports/flag-stores.ts'
import type { Instances } from '../../ports/instances.ts'
import type { Containers } from '../../ports/containers.ts'
import type { Jobs } from '../../ports/jobs.ts'
import type { Owners } from '../../ports/owners.ts'
import type { Deployments } from '../../ports/deployments.ts'
import type { World } from '../../ports/world.ts'

/** A plan of another configuration: what it needs is not connected any more. */
function missing(dependency: string): Fault {
  return new Fault({ kind: 'terminal', dependency, detail: 'is not configured' })
}

export function deploymentsOf({ deployments }: World): Deployments {
  if (!deployments) throw missing('kubernetes')
  return deployments
}

export function configMapsOf({ configMaps }: World): ConfigMaps {
  if (!configMaps) throw missing('kubernetes')
  return configMaps
}

export function containersOf({ containers }: World): Containers {
  if (!containers) throw missing('docker')
  return containers
}

export function ownersOf({ owners }: World): Owners {
  if (!owners) throw missing('kubernetes')
  return owners
}

export function cacheOf({ cache }: World): Cache {
  if (!cache) throw missing('redis')
  return cache
}

export function collectionsOf({ collections }: World): Collections {
  if (!collections) throw missing('the database')
  return collections
}

export function backupsOf({ backups }: World): Backups {
  if (!backups) throw missing('the backup catalogue')
  return backups
}

export function jobsOf({ jobs }: World): Jobs {
  if (!jobs) throw missing('what runs a migration')
  return jobs
}

export function databaseOf({ database }: World): Database {
  if (!database) throw missing('the database')
  return database
}

export function instancesOf({ instances }: World): Instances {
  if (!instances) throw missing('what runs the services')
  return instances
}

export function flagStoresOf({ flagStores }: World): FlagStores {
  if (!flagStores) throw missing('where the flag is kept')
  return flagStores
}

export function purgesOf({ purges }: World): Checks {
  if (!purges) throw missing('the caches to purge')
  return purges
}

export function checksOf({ checks }: World): Checks {
  if (!checks) throw missing('the verification')
  return checks
}
