import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { readText } from './credential-files.ts'
import {
  databaseAddress,
  databaseAddressProblem,
  type DatabaseAddress,
} from './database-address.ts'
import { dataFolderIn, folderOf } from './own-variables.ts'
import { WrongConfiguration, type Problem } from './problem.ts'
import type { Config } from './load-config.ts'

type FilePlace = { readonly kind: 'file'; readonly folder: string; readonly file: string }

export type JournalPlace = FilePlace | { readonly kind: 'server'; readonly server: ServerPlace }

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
export function journalPlaceIn(variables: Variables): JournalPlace {
  const { BACKOUT_DATABASE_URL, BACKOUT_DATABASE_CA_FILE } = variables
  const problems: Problem[] = []
  const problem = BACKOUT_DATABASE_URL ? databaseAddressProblem(BACKOUT_DATABASE_URL) : null
  if (problem !== null) {
    problems.push({ where: 'environment', what: `BACKOUT_DATABASE_URL ${problem}` })
  }
  const ca = BACKOUT_DATABASE_CA_FILE
    ? readText(BACKOUT_DATABASE_CA_FILE, 'BACKOUT_DATABASE_CA_FILE', problems)
    : null
  if (problems.length > 0) throw new WrongConfiguration(problems)
  return placeOf(dataFolderIn(variables), BACKOUT_DATABASE_URL || undefined, ca ?? undefined)
}

/**
 * Of several environments each has its own folder. A journal beside those folders was one environment's alone: its
 * open incidents would be forgotten, and it is not known whose they are.
 */
export function journalOfOne(
  variables: Variables,
  environments: readonly { readonly name: string }[],
): readonly Problem[] {
  const folder = dataFolderIn(variables)
  if (!existsSync(join(folder, JOURNAL))) return []
  const [to = '', ...others] = environments.map(({ name }) => folderOf(name, folder))
  const what = `${folder} holds what one environment has kept: with several, move all of it to ${[to, ...others].join(' or to ')}`
  return [{ where: 'environment', what }]
}

/**
 * The journal that a command reads: the file that is named, else what the variables say. Throws a `TypeError` where there
 * is none; and where there are several environments, that one of them has to be named.
 */
export function journalAt(given: string | undefined, variables: Variables): JournalPlace {
  const place = given === undefined ? journalPlaceIn(variables) : null
  return place?.kind === 'server' ? place : journalFileAt(given, variables)
}

/** The same where it has to be a file, whatever else the variables say. */
export function journalFileAt(given: string | undefined, variables: Variables): FilePlace {
  const folder = given === undefined ? dataFolderIn(variables) : dirname(given)
  const file = given ?? join(folder, JOURNAL)
  if (existsSync(file)) return { kind: 'file', folder, file }
  const several = given === undefined && existsSync(join(folder, 'environments'))
  const todo = several ? '; it holds several environments: name one with --environment' : ''
  throw new TypeError(`there is no journal at ${file}${todo}`)
}

const JOURNAL = 'journal.sqlite'

/** Beside the journal, while that is a file. */
export function secondFactorFile(folder: string): string {
  return join(folder, 'second-factor.sqlite')
}

function placeOf(
  folder: string,
  address: string | undefined,
  ca: string | undefined,
): JournalPlace {
  if (address === undefined) {
    return { kind: 'file', folder, file: join(folder, JOURNAL) }
  }
  const read = databaseAddress(address)
  return { kind: 'server', server: { ...read, tls: read.tls ? { ca } : null } }
}
