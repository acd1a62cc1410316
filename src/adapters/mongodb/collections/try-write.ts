import { MongoServerError } from 'mongodb'
import { keptName } from '../../../domain/data/kept-name.ts'
import type { MongodbConnection, Used } from '../connection.ts'

/** One of ours, so that what is left of it after a crash is listed and can be dropped. */
export const canaryName = keptName({
  incident: 'canary',
  plan: 0,
  role: 'try',
  attempt: 'write',
  collection: 'canary',
})

const REFUSALS = new Set(['UserWritesBlocked', 'Unauthorized'])

/** As the application: inserts one document, and removes what it has made. */
export async function tryWrite(
  application: MongodbConnection,
  { database, signal }: { readonly database: string; readonly signal: AbortSignal },
): Promise<'refused' | 'accepted'> {
  return application.use(async ({ client, comment, writes }) => {
    const canary = client.db(database).collection(canaryName)
    const written = { comment, signal, writeConcern: { w: 'majority' } } as const
    writes()
    try {
      await canary.insertOne({}, written)
    } catch (error) {
      if (isRefusal(error)) return 'refused'
      throw error
    }
    // Whoever may insert need not be allowed to delete; then the collection is dropped with it in it.
    await canary.deleteMany({}, written).catch(() => undefined)
    return 'accepted'
  }, signal)
}

function isRefusal(error: unknown): boolean {
  return error instanceof MongoServerError && REFUSALS.has(error.codeName ?? '')
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
