import { configuredItems, itemIdOf, leavesTraces } from '../domain/verification/settings.ts'
import type { RunbookSettings } from '../runbook/parts/settings.ts'
import type { DatabaseSettings } from '../runbook/database/settings.ts'
import type { Settings } from './settings-file.ts'

const HOUR_MS = 60 * 60_000

/** What plans are made of. `deployed`: the services that the configured ways back run. */
export function runbookSettings(settings: Settings, deployed: readonly string[]): RunbookSettings {
  const { kubernetes, docker, database, featureFlag, full } = settings.procedures
  const { dataOwners } = settings.approval
  return {
    environment: settings.environment,
    dataOwners: dataOwners.users.length + dataOwners.groups.length > 0,
    deadlineMs: settings.deadlineSeconds * 1000,
    services: settings.services,
    maintenance: settings.maintenance,
    cache: settings.redis.cache,
    purges: settings.purge.map(({ id, title }) => ({ id, title })),
    kubernetes: kubernetes
      ? {
          namespace: kubernetes.namespace,
          services: Object.keys(kubernetes.deployments),
          releaseWindowMs: kubernetes.releaseWindowMinutes * 60_000,
          suspend: kubernetes.suspend,
        }
      : null,
    docker: docker
      ? {
          services: Object.keys(docker.services),
          releaseWindowMs: docker.releaseWindowMinutes * 60_000,
          readyWithinMs: docker.readySeconds * 1_000,
          settleMs: docker.settleSeconds * 1_000,
        }
      : null,
    database: database
      ? {
          collections: database.collections,
          maxBackupAgeMs: database.backups.maxAgeHours * HOUR_MS,
          writers: database.writers ?? deployed,
          keepMs: database.keepDays * 24 * HOUR_MS,
          mostWrittenMeanwhile: database.mostWrittenMeanwhile,
          personal: database.personal,
          proveBy: provedBy(settings, database.proveBy),
          dependentStores: database.dependentStores,
          ...(database.migration ? { migration: migrationOf(database.migration) } : {}),
        }
      : null,
    featureFlag: featureFlag ?? null,
    full: full ? { stop: full.stop ?? database?.writers ?? deployed, people: full.people } : null,
  }
}

function migrationOf({
  ledger,
  collections,
  image,
  command,
  minutes,
}: NonNullable<DatabaseSettings['migration']>) {
  return { ledger, collections, image, command, seconds: minutes * 60 }
}

/** Items as they are named in the settings. */
function provedBy({ verification }: Settings, names: readonly string[]) {
  const items = configuredItems(verification)
  return names.flatMap((name) => {
    const item = items.find(({ id }) => id === itemIdOf(name))
    return item ? [{ id: item.id, title: item.title, writes: leavesTraces(item.check) }] : []
  })
}
