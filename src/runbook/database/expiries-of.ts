import type { CollectionContents } from '../../domain/data/backup.ts'

/** The indexes by which documents expire. */
export function expiriesOf(indexes: CollectionContents['indexes']) {
  return indexes.flatMap(({ name, key, expireAfterSeconds }) => {
    const [field] = Object.keys(key && typeof key === 'object' && !Array.isArray(key) ? key : {})
    const known = typeof name === 'string' && typeof expireAfterSeconds === 'number' && field
    return known ? [{ index: name, field, seconds: expireAfterSeconds }] : []
  })
}
