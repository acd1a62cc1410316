import type { Config } from '../config/load-config.ts'
import type { World } from '../ports/world.ts'
import { openBackups } from './open-backups.ts'

/** The collections that a rollback may replace, where they are configured. Nothing is connected before it is asked. */
export async function openData(
  config: Config,
  closing: (() => Promise<void>)[],
): Promise<Pick<World, 'collections' | 'backups'>> {
  const { environment: env, settings, authorities } = config
  const { database } = settings.procedures
  const uri = env.MONGODB_RESTORE_URI ?? env.MONGODB_URI
  if (!database || uri === undefined) return { collections: null, backups: null }
  const { mongodbCollections } = await import('../adapters/mongodb/collections/collections.ts')
  const { mongodb: ca } = authorities
  const collections = mongodbCollections({
    uri,
    database: database.name,
    ...(ca === undefined ? {} : { ca }),
    ...(env.MONGODB_APPLICATION_URI ? { application: env.MONGODB_APPLICATION_URI } : {}),
  })
  closing.push(() => collections.close())
  return { collections, backups: await openBackups(config, collections) }
}
