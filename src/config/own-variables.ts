import { join } from 'node:path'
import { nearest } from '../domain/text/nearest.ts'
import { Environment } from './environment.ts'
import type { Problem } from './problem.ts'

type Name = keyof Environment

/** What all environments of a process have together. Any other variable is one environment's own. */
const SHARED: ReadonlySet<string> = new Set<Name>([
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_API_URL',
  'SLACK_HTTP_PORT',
  'BACKOUT_DATA',
  'BACKOUT_DATA_ANYWAY',
  'BACKOUT_CHECKPOINT_KEY_FILE',
  'BACKOUT_HTTP_HOST',
  'BACKOUT_HTTP_PORT',
  'BACKOUT_SMTP_URL',
  'BACKOUT_SMTP_CA_FILE',
  'BACKOUT_LOG_LEVEL',
  'BACKOUT_NAMESPACE',
  'BACKOUT_MONGO_TOOLS',
  'BACKOUT_PM2',
])

const NAMES = Object.keys(Environment.shape)
export const OWN_VARIABLES: readonly string[] = NAMES.filter((name) => !SHARED.has(name))

/** What the variables of an environment begin with: `eu-staging` has `EU_STAGING_REDIS_URL`. */
export function prefixOf(environment: string): string {
  return `${environment.toUpperCase().replaceAll('-', '_')}_`
}

/** Where the process keeps what it keeps. */
export function dataFolderIn({
  BACKOUT_DATA,
}: {
  readonly BACKOUT_DATA?: string | undefined
}): string {
  return BACKOUT_DATA || './data'
}

/** Where an environment keeps what it keeps, below the folder of the process. */
export function folderOf(environment: string, data: string): string {
  return join(data, 'environments', environment)
}

/**
 * The variables of one environment of several, by their usual names: its own ones have its prefix, and one without
 * a prefix is nobody's. So no environment is ever reached with the address of another by being left out.
 */
export function variablesOf(environment: string, variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = OWN_VARIABLES.map((name) => [name, variables[prefixOf(environment) + name]] as const)
  const data = folderOf(environment, dataFolderIn(variables))
  return { ...variables, ...Object.fromEntries(own), BACKOUT_DATA: data }
}

/** As people have to write it, in words about a variable of the environment. */
export function withPrefix(environment: string, { where, what }: Problem): Problem {
  const own = what.replaceAll(/\b[A-Z][A-Z0-9_]+\b/g, (name) =>
    OWN_VARIABLES.includes(name) ? prefixOf(environment) + name : name,
  )
  return { where, what: own }
}

/** What is set for nobody: without a prefix, or with one and a name that is nearly right. */
export function variablesOfNobody(
  environments: readonly string[],
  variables: NodeJS.ProcessEnv,
): readonly Problem[] {
  const set = Object.keys(variables).filter((name) => variables[name])
  const bare = set
    .filter((name) => OWN_VARIABLES.includes(name))
    .map((name) => {
      const [first = '', ...others] = environments.map((one) => prefixOf(one) + name)
      return `${name} belongs to one environment: name it ${[first, ...others].join(' or ')}`
    })
  const misspelled = environments.flatMap((environment) => {
    const prefix = prefixOf(environment)
    return set
      .filter((name) => name.startsWith(prefix) && !OWN_VARIABLES.includes(name))
      .flatMap((name) => {
        const rest = name.slice(prefix.length)
        if (OWN_VARIABLES.includes(rest)) return []
        if (SHARED.has(rest))
          return [`${name}: all environments have one ${rest}, without a prefix`]
        const meant = nearest(rest, OWN_VARIABLES)
        const isOurs = rest.startsWith('BACKOUT_')
        if (!meant && !isOurs) return []
        return [`${name} is not a setting${meant ? `; did you mean ${prefix}${meant}?` : ''}`]
      })
  })
  return [...bare, ...misspelled].map((what) => ({ where: 'environment', what }))
}
