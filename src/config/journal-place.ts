import { join } from 'node:path'
import { readText } from './credential-files.ts'
import {
  databaseAddress,
  databaseAddressProblem,
  type DatabaseAddress,
} from './database-address.ts'
import { WrongConfiguration, type Problem } from './problem.ts'
import type { Config } from './load-config.ts'

export type JournalPlace =
  | { readonly kind: 'file'; readonly folder: string; readonly file: string }
  | { readonly kind: 'server'; readonly server: ServerPlace }

export type ServerPlace = Omit<DatabaseAddress, 'tls'> & {
  readonly tls: { readonly ca: string | undefined } | null
}

type Variables = {
  readonly BACKOUT_DATA?: string | undefined
  readonly BACKOUT_DATABASE_URL?: string | undefined
  readonly BACKOUT_DATABASE_CA_FILE?: string | undefined
}

/** Where the journal is kept. */
export function journalPlace({
  environment,
  authorities,
}: Pick<Config, 'environment' | 'authorities'>) {
  const { BACKOUT_DATA: folder, BACKOUT_DATABASE_URL: address } = environment
  return placeOf(folder, address, authorities.database)
}

/** For commands that need nothing else of the configuration. */
export function journalPlaceIn(variables: NodeJS.ProcessEnv): JournalPlace {
  const { BACKOUT_DATA, BACKOUT_DATABASE_URL, BACKOUT_DATABASE_CA_FILE }: Variables = variables
  const problems: Problem[] = []
  const problem = BACKOUT_DATABASE_URL ? databaseAddressProblem(BACKOUT_DATABASE_URL) : null
  if (problem !== null) {
    problems.push({ where: 'environment', what: `BACKOUT_DATABASE_URL ${problem}` })
  }
  const ca = BACKOUT_DATABASE_CA_FILE
    ? readText(BACKOUT_DATABASE_CA_FILE, 'BACKOUT_DATABASE_CA_FILE', problems)
    : null
  if (problems.length > 0) throw new WrongConfiguration(problems)
  return placeOf(BACKOUT_DATA || './data', BACKOUT_DATABASE_URL || undefined, ca ?? undefined)
}

function placeOf(
  folder: string,
  address: string | undefined,
  ca: string | undefined,
): JournalPlace {
  if (address === undefined) {
    return { kind: 'file', folder, file: join(folder, 'journal.sqlite') }
  }
  const read = databaseAddress(address)
  return { kind: 'server', server: { ...read, tls: read.tls ? { ca } : null } }
}
