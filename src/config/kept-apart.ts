import type { Read } from './cross-checks.ts'
import { prefixOf, variablesOfNobody } from './own-variables.ts'
import type { Path } from './path.ts'
import type { Problem } from './problem.ts'
import { whereItLeads, type Destination } from './where-it-leads.ts'

/** One of several environments, as far as it can be read. */
export type ReadEnvironment = Read & { readonly name: string }

/** A name is a folder and the beginning of variables. */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9-]*$/

/** What would make an incident of one environment reach another one. Of a single environment nothing is asked. */
export function keptApart(
  environments: readonly ReadEnvironment[],
  { text, variables }: { readonly text: string; readonly variables: NodeJS.ProcessEnv },
): readonly Problem[] {
  if (environments.length < 2) return []
  const names = environments.map(({ name }) => name)
  // What the file itself puts in somewhere has a name of the team's own.
  const unused = Object.entries(variables).filter(([name]) => !text.includes(`\${${name}}`))
  return [
    ...environments.flatMap(unusableName),
    ...variablesOfNobody(names, Object.fromEntries(unused)),
    ...hadByTwo(environments),
  ]
}

function unusableName({ name, at }: ReadEnvironment): readonly Problem[] {
  if (NAME.test(name)) return []
  const what = `environments.${name}: among several, a name has letters, digits and dashes only, because it begins variables and names a folder`
  return [{ where: at(['environments', name]), what }]
}

/** Of a compose service so many containers are told by their names, by which another environment may mean them. */
const NUMBERED = 20

/** What only one environment may have. */
type Claim = {
  /** Equal in two environments: both have it. Never shown. */
  readonly key: string
  readonly what: string
  readonly path: Path | null
}

function hadByTwo(environments: readonly ReadEnvironment[]): readonly Problem[] {
  const owners = new Map<string, string>()
  return environments.flatMap((one) => {
    // What is spelled in several ways is told once.
    const told = new Map<string, Problem>()
    const claims = claimsOf(one)
    for (const { key, what, path } of claims) {
      const owner = owners.get(key)
      if (owner === undefined) continue
      const where = path === null ? 'environment' : one.at(path)
      told.set(`${where} ${what}`, { where, what: `${what} is ${owner}'s already` })
    }
    for (const { key } of claims) if (!owners.has(key)) owners.set(key, one.name)
    return [...told.values()]
  })
}

function claimsOf(one: ReadEnvironment): readonly Claim[] {
  const prefix = prefixOf(one.name)
  const named = { key: prefix, what: `environments.${one.name}: ${prefix}…`, path: null }
  return [
    named,
    ...channelsOf(one),
    ...deploymentsOf(one),
    ...containersOf(one),
    ...dataOf(one),
    ...variablesHad(one),
  ]
}

function channelsOf({ settings }: Read): readonly Claim[] {
  const listened = (settings?.slack?.channels ?? []).map((channel, index) => ({
    channel,
    path: ['slack', 'channels', index] as const,
  }))
  const told = { channel: settings?.readiness?.channel, path: ['readiness', 'channel'] as const }
  return [...listened, told].flatMap(({ channel, path }) =>
    typeof channel === 'string'
      ? [{ key: `channel ${channel}`, what: `the channel ${channel}`, path }]
      : [],
  )
}

function deploymentsOf({ settings, environment }: Read): readonly Claim[] {
  const { namespace = '', deployments = {} } = settings?.procedures?.kubernetes ?? {}
  return Object.entries(deployments).map(([service, deployment = '']) => ({
    key: `deployment ${environment?.KUBECONFIG ?? ''} ${namespace} ${deployment}`,
    what: `the Deployment ${deployment} in ${namespace}`,
    path: ['procedures', 'kubernetes', 'deployments', service],
  }))
}

function containersOf({ settings }: Read): readonly Claim[] {
  const { hosts = {}, services = {} } = settings?.procedures?.docker ?? {}
  return Object.entries(services).flatMap(([service, placed]) =>
    Object.values(hosts).flatMap(({ address = '' } = {}) => {
      const what = `what runs ${service} on ${address}`
      const path = ['procedures', 'docker', 'services', service]
      const keys = whereItLeads(address).servers.flatMap((server) =>
        spellingsOf(placed ?? {}).map((spelling) => `container ${server} ${spelling}`),
      )
      return keys.map((key) => ({ key, what, path }))
    }),
  )
}

type Placed = { readonly project?: string; readonly service?: string; readonly container?: string }

/** A container that compose has made is named by its service in one environment, perhaps, and by its own name in another. */
function spellingsOf({ project = '', service = '', container }: Placed): readonly string[] {
  if (container !== undefined) return [container]
  const numbers = Array.from({ length: NUMBERED }, (_, index) => String(index + 1))
  return ['-', '_'].flatMap((between) =>
    numbers.map((number) => [project, service, number].join(between)),
  )
}

function dataOf({ settings, environment }: Read): readonly Claim[] {
  const { name, backups } = settings?.procedures?.database ?? {}
  const path = ['procedures', 'database'] as const
  const server = environment?.MONGODB_RESTORE_URI ?? environment?.MONGODB_URI
  const databases =
    name === undefined || server === undefined
      ? []
      : whereItLeads(server).servers.map((one) => ({ key: `database ${one} ${name}` }))
  return [
    ...databases.map((one) => ({ ...one, what: `the database ${name}`, path })),
    ...(backups?.folder === undefined
      ? []
      : [{ key: `folder ${backups.folder}`, what: `the folder ${backups.folder}`, path }]),
  ]
}

/** With the same address or token nobody could say whose it is. */
function variablesHad({ name, environment }: ReadEnvironment): readonly Claim[] {
  const { REDIS_URL, BACKOUT_DATABASE_URL, ...others } = environment ?? {}
  const values = {
    // One server may have several users, each with keys of its own.
    REDIS_URL: destinationsOf(REDIS_URL, ({ path, user }) => [user, path || '/0']),
    BACKOUT_DATABASE_URL: destinationsOf(BACKOUT_DATABASE_URL, ({ path }) => [path]),
    BACKOUT_LOCKS_TOKEN: [others.BACKOUT_LOCKS_TOKEN],
    BACKOUT_ALERTMANAGER_TOKEN: [others.BACKOUT_ALERTMANAGER_TOKEN],
    BACKOUT_SIGNING_PORT: [others.BACKOUT_SIGNING_KEY && others.BACKOUT_SIGNING_PORT],
  }
  return Object.entries(values).flatMap(([variable, keys]) => {
    const what = `the value of ${prefixOf(name)}${variable}`
    return keys
      .filter((key) => key !== undefined && key !== '')
      .map((key) => ({ key: `${variable} ${key}`, what, path: null }))
  })
}

function destinationsOf(
  address: string | undefined,
  within: (destination: Destination) => readonly string[],
): readonly string[] {
  if (!address) return []
  const destination = whereItLeads(address)
  return destination.servers.map((server) => [server, ...within(destination)].join(' '))
}
