import { MongoServerError } from 'mongodb'
import { keptName } from '../../../domain/data/kept-name.ts'
import type { MongodbConnection, Used } from '../connection.ts'
import { plain } from './listing.ts'
import { ConnectionStatus, type Privilege } from './schema.ts'

/** One of ours, so that what is left of it after a crash is listed and can be dropped. */
export const canaryName = keptName({
  incident: 'canary',
  plan: 0,
  role: 'try',
  attempt: 'write',
  collection: 'canary',
})

/** Whether nothing of this database can be written to with these privileges. */
function mayInsertNowhere(privileges: readonly Privilege[], database: string): boolean {
  return privileges.every(({ resource, actions }) => {
    const isElsewhere = ![undefined, '', database].includes(resource.db)
    return isElsewhere || !actions.some((action) => action === 'insert' || action === 'anyAction')
  })
}

/**
 * An account that may write to its own collections, and not to this one, is refused here without any fence; what
 * the application writes is accepted all the same.
 */
async function isKeptOut({ client, signal }: Used, database: string): Promise<boolean> {
  const asked = { connectionStatus: 1, showPrivileges: true }
  const answer = await client.db('admin').command(asked, { signal })
  const { authInfo } = plain(ConnectionStatus, answer, 'connectionStatus')
  const { authenticatedUserPrivileges: privileges } = authInfo
  return privileges !== undefined && mayInsertNowhere(privileges, database)
}

/** As the application: inserts one document, and removes what it has made. */
export async function tryWrite(
  application: MongodbConnection,
  { database, signal }: { readonly database: string; readonly signal: AbortSignal },
): Promise<'refused' | 'accepted'> {
  return application.use(async (used) => {
    const { client, comment, writes } = used
    const canary = client.db(database).collection(canaryName)
    const written = { comment, signal, writeConcern: { w: 'majority' } } as const
    writes()
    try {
      await canary.insertOne({}, written)
    } catch (error) {
      const name = error instanceof MongoServerError ? error.codeName : undefined
      if (name === 'UserWritesBlocked') return 'refused'
      if (name !== 'Unauthorized') throw error
      return (await isKeptOut(used, database)) ? 'refused' : 'accepted'
    }
    // Whoever may insert need not be allowed to delete; then the collection is dropped with it in it.
    await canary.deleteMany({}, written).catch(() => undefined)
    return 'accepted'
  }, signal)
}

/** Whoever may not do it leaves a collection of ours, which is listed. */
export async function removeCanary(
  ours: MongodbConnection,
  { database, signal }: { readonly database: string; readonly signal: AbortSignal },
): Promise<void> {
  const drop = ({ client, comment }: Used) =>
    client.db(database).command({ drop: canaryName, comment }, { signal })
  await ours.use(drop, signal).catch(() => undefined)
}
