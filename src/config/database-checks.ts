import { isAbsolute, relative, resolve } from 'node:path'
import { nearest } from '../domain/text/nearest.ts'
import type { Read } from './cross-checks.ts'
import { Environment } from './environment.ts'
import { prefixOf } from './own-variables.ts'
import type { Problem } from './problem.ts'
import { servicesRunBy } from './procedures.ts'

/** What `procedures.database` needs of the rest, and must not be given. */
export function databaseChecks(read: Read, services: readonly string[]): readonly Problem[] {
  if (!read.settings?.procedures?.database) return []
  return [
    ...strangeWriters(read, services),
    ...nobodyStopped(read),
    ...strangeProofs(read),
    ...noServer(read),
    ...ownFolder(read),
    ...noCluster(read),
    ...noHost(read),
    ...ownVariables(read),
  ]
}

const AT = ['procedures', 'database'] as const

function strangeWriters({ settings, at }: Read, services: readonly string[]): readonly Problem[] {
  if (services.length === 0 || services.includes('')) return []
  const run = servicesRunBy(settings?.procedures).map(({ name }) => name)
  return (settings?.procedures?.database?.writers ?? []).flatMap((name, index) => {
    if (name === undefined || run.includes(name)) return []
    const meant = nearest(name, services)
    const hint = meant ? `; did you mean "${meant}"?` : ''
    const why = services.includes(name)
      ? 'nothing is configured that could stop it; add it to procedures.kubernetes or procedures.docker'
      : `it is not a service${hint}`
    const what = `procedures.database.writers: "${name}": ${why}`
    return [{ where: at([...AT, 'writers', index]), what }]
  })
}

/** Whoever is not stopped writes into what is being switched. */
function nobodyStopped({ settings, at }: Read): readonly Problem[] {
  const procedures = settings?.procedures
  const writers = procedures?.database?.writers
  // An empty list is a team's own word: its services obey maintenance, say. The plan's card says it then.
  if (writers || servicesRunBy(procedures).length > 0) return []
  const what =
    'procedures.database.writers: is missing, and no service is run by procedures.kubernetes or procedures.docker, so that nobody would be stopped while collections are switched; name those that write, or say with an empty list that none has to be stopped'
  return [{ where: at([...AT, 'writers'], AT), what }]
}

/** What has to pass is asked by us, and through the application. */
function strangeProofs({ settings, at }: Read): readonly Problem[] {
  const { items, more } = settings?.verification ?? {}
  const kinds = new Map<string, string | undefined>([
    ...Object.entries(items ?? {}).flatMap(([name, check]) =>
      check === null ? [] : [[name, check?.kind] as const],
    ),
    ...(more ?? []).map((one) => [one?.id ?? '', one?.check?.kind] as const),
  ])
  return (settings?.procedures?.database?.proveBy ?? []).flatMap((name, index) => {
    if (name === undefined) return []
    const why = whyNoProof(name, kinds)
    if (why === null) return []
    const what = `procedures.database.proveBy: "${name}": ${why}`
    return [{ where: at([...AT, 'proveBy', index]), what }]
  })
}

/** The kinds of checks that ask the application something as people would. */
const ASK_APPLICATION: readonly string[] = ['http', 'chain', 'isolation']

function whyNoProof(name: string, kinds: ReadonlyMap<string, string | undefined>): string | null {
  if (!kinds.has(name)) {
    // What cannot be read may be the one that is meant.
    if (kinds.has('')) return null
    const meant = nearest(name, [...kinds.keys()])
    return `it is no item of verification${meant ? `; did you mean "${meant}"?` : ''}`
  }
  const kind = kinds.get(name)
  if (kind === undefined || ASK_APPLICATION.includes(kind)) return null
  return kind === 'person'
    ? 'people look at it, and a plan cannot ask them on its way; give it a check of kind chain'
    : `its check, ${kind}, sends no request to the application; name one of kind chain, http or isolation`
}

function noServer({ environment, at }: Read): readonly Problem[] {
  if (environment?.MONGODB_URI !== undefined || environment?.MONGODB_RESTORE_URI !== undefined)
    return []
  const what =
    'procedures.database: needs the address of the server in MONGODB_RESTORE_URI, or in MONGODB_URI'
  return [{ where: at(AT), what }]
}

/** What a full disk of backups would stop is the journal. */
function ownFolder({ settings, environment, at }: Read): readonly Problem[] {
  const folder = settings?.procedures?.database?.backups?.folder
  const data = environment?.BACKOUT_DATA
  if (folder === undefined || data === undefined) return []
  const inside = relative(resolve(data), resolve(folder))
  if (inside.split(/[/\\]/)[0] === '..' || isAbsolute(inside)) return []
  const what =
    'procedures.database.backups.folder: is inside BACKOUT_DATA, where the journal is; backups that fill the disk would stop Backout, so give them one of their own'
  return [{ where: at([...AT, 'backups', 'folder']), what }]
}

/** A migration is taken back where the services run. */
function noCluster({ settings, at }: Read): readonly Problem[] {
  const { database, kubernetes } = settings?.procedures ?? {}
  const namespace = database?.migration?.kubernetes?.namespace
  if (namespace === undefined) return []
  const where = at([...AT, 'migration', 'kubernetes'])
  if (!kubernetes) {
    const what =
      'procedures.database.migration: needs procedures.kubernetes: its Job runs in that cluster'
    return [{ where, what }]
  }
  if (namespace !== kubernetes.namespace) return []
  const what = `procedures.database.migration.kubernetes.namespace: ${namespace} is where the services run; give its Jobs a namespace of their own, so that Backout may create nothing beside them`
  return [{ where, what }]
}

function noHost({ settings, at }: Read): readonly Problem[] {
  const { database, docker } = settings?.procedures ?? {}
  const host = database?.migration?.docker?.host
  if (host === undefined) return []
  const where = at([...AT, 'migration', 'docker', 'host'])
  const hosts = Object.keys(docker?.hosts ?? {})
  if (hosts.includes(host)) return []
  const meant = nearest(host, hosts)
  const hint = meant ? `; did you mean "${meant}"?` : ''
  const what = `procedures.database.migration.docker.host: "${host}" is no host of procedures.docker${hint}`
  return [{ where, what }]
}

/** Whoever may write to the migration's image would have what Backout signs and speaks with. */
function ownVariables({ settings, at }: Read): readonly Problem[] {
  const names = settings?.procedures?.database?.migration?.docker?.environment ?? []
  const prefix = prefixOf(settings?.environment ?? '')
  return names.flatMap((name, index) => {
    if (name === undefined) return []
    const bare = name.startsWith(prefix) ? name.slice(prefix.length) : name
    const isOurs = Object.hasOwn(Environment.shape, bare) || bare.startsWith('BACKOUT_')
    if (!isOurs) return []
    const what = `procedures.database.migration.docker.environment: ${name} is Backout's own; give the migration an account of its own, under another name`
    return [{ where: at([...AT, 'migration', 'docker', 'environment', index]), what }]
  })
}
