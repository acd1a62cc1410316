import type { Read } from './cross-checks.ts'
import { prefixOf, variablesOfNobody } from './own-variables.ts'
import type { Path } from './path.ts'
import type { Problem } from './problem.ts'

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
    const claims = new Map(claimsOf(one).map((claim) => [claim.key, claim]))
    return [...claims.values()].flatMap(({ key, what, path }) => {
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, one.name)
      if (owner === undefined) return []
      const where = path === null ? 'environment' : one.at(path)
      return [{ where, what: `${what} is ${owner}'s already` }]
    })
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
    Object.values(hosts).map((host) => ({
      key: `containers ${host?.address ?? ''} ${JSON.stringify(placed)}`,
      what: `what runs ${service} on ${host?.address ?? ''}`,
      path: ['procedures', 'docker', 'services', service],
    })),
  )
}

function dataOf({ settings, environment }: Read): readonly Claim[] {
  const { name, backups } = settings?.procedures?.database ?? {}
  const path = ['procedures', 'database'] as const
  const server = environment?.MONGODB_RESTORE_URI ?? environment?.MONGODB_URI
  return [
    ...(name !== undefined && server !== undefined
      ? [{ key: `database ${server} ${name}`, what: `the database ${name}`, path }]
      : []),
    ...(backups?.folder === undefined
      ? []
      : [{ key: `folder ${backups.folder}`, what: `the folder ${backups.folder}`, path }]),
  ]
}

/** With the same address or token nobody could say whose it is. */
function variablesHad({ name, environment }: ReadEnvironment): readonly Claim[] {
  const values = {
    REDIS_URL: environment?.REDIS_URL,
    BACKOUT_DATABASE_URL: environment?.BACKOUT_DATABASE_URL,
    BACKOUT_LOCKS_TOKEN: environment?.BACKOUT_LOCKS_TOKEN,
    BACKOUT_ALERTMANAGER_TOKEN: environment?.BACKOUT_ALERTMANAGER_TOKEN,
    BACKOUT_SIGNING_PORT: environment?.BACKOUT_SIGNING_KEY && environment.BACKOUT_SIGNING_PORT,
  }
  return Object.entries(values).flatMap(([variable, value]) =>
    value === undefined || value === ''
      ? []
      : [
          {
            key: `${variable} ${value}`,
            what: `the value of ${prefixOf(name)}${variable}`,
            path: null,
          },
        ],
  )
}
