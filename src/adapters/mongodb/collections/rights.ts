import type { Privilege } from './schema.ts'

type Where = 'database' | 'cluster'

/**
 * Every right that a restore and a switch need, and what for; docs/database.md shows the role that has them.
 * `cluster`: only needed where the server has a fence.
 */
export const RIGHTS = [
  {
    action: 'find',
    on: 'database',
    why: 'reads and compares documents, and copies them into a backup',
  },
  { action: 'insert', on: 'database', why: 'restores beside, and copies back what is missing' },
  { action: 'listCollections', on: 'database', why: 'tells collections by their UUID' },
  { action: 'listIndexes', on: 'database', why: 'compares indexes with those of the backup' },
  { action: 'collStats', on: 'database', why: 'says how large a collection is' },
  { action: 'dbStats', on: 'database', why: 'says how much space is free' },
  { action: 'createCollection', on: 'database', why: 'restores beside' },
  { action: 'createIndex', on: 'database', why: 'builds the indexes of what was restored' },
  { action: 'collMod', on: 'database', why: 'gives an index its expiry back after the switch' },
  {
    action: 'bypassDocumentValidation',
    on: 'database',
    why: 'restores documents older than a validator',
  },
  { action: 'renameCollectionSameDB', on: 'database', why: 'switches' },
  { action: 'dropCollection', on: 'database', why: 'removes what it has made itself' },
  { action: 'changeStream', on: 'database', why: 'counts what others write meanwhile' },
  { action: 'setUserWriteBlockMode', on: 'cluster', why: 'puts the fence up, and takes it down' },
  { action: 'bypassWriteBlockingMode', on: 'cluster', why: 'switches while the fence is up' },
] as const satisfies readonly {
  readonly action: string
  readonly on: Where
  readonly why: string
}[]

/** Whether a privilege on this resource is one on all collections of the database, or on the cluster. */
function reaches(resource: Privilege['resource'], on: Where, database: string): boolean {
  if (resource.anyResource === true) return true
  if (on === 'cluster') return resource.cluster === true
  return resource.collection === '' && (resource.db === '' || resource.db === database)
}

/** Those of the table that these privileges do not give. */
export function lackingOf(
  privileges: readonly Privilege[],
  { database, fence }: { readonly database: string; readonly fence: 'offered' | 'none' },
): readonly string[] {
  const needed = RIGHTS.filter(({ on }) => on === 'database' || fence === 'offered')
  return needed
    .filter(({ action, on }) => {
      const given = privileges.filter(({ resource }) => reaches(resource, on, database))
      return !given.some(({ actions }) => actions.includes(action) || actions.includes('anyAction'))
    })
    .map(({ action, on }) => (on === 'cluster' ? action : `${action} on ${database}`))
}
