import { Fault } from '../../domain/base/fault.ts'

const ADDRESS = /^(mongodb(?:\+srv)?:\/\/)([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/s

/**
 * The address without its database: with one in it mongorestore restores all of that database, whatever else
 * it was told. Who signs in where stays the same.
 */
export function withoutDatabase(uri: string): string {
  const [, scheme, hosts, database = '', query = ''] = ADDRESS.exec(uri) ?? []
  if (scheme === undefined || hosts === undefined) {
    const detail = 'its address is not a MongoDB connection string'
    throw new Fault({ kind: 'terminal', dependency: 'mongodb', detail })
  }
  const options = query
    .split('&')
    // The tools take these milliseconds for seconds: they are told another way.
    .filter((one) => one !== '' && !/^serverSelectionTimeoutMS=/i.test(one))
  const names = options.map((one) => one.split('=')[0]?.toLowerCase())
  // Without either, credentials are looked for in the database of the path.
  const implied = database !== '' && hosts.includes('@') && !names.includes('authsource')
  const all = implied ? [...options, `authSource=${database}`] : options
  return `${scheme}${hosts}/${all.length > 0 ? `?${all.join('&')}` : ''}`
}
