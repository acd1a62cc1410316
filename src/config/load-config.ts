import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { nearest } from '../domain/text/nearest.ts'
import type { OwnerName } from '../domain/plan/owner.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import { parseEnvironment, type Environment } from './environment.ts'
import { parseSettings } from './parse-settings.ts'
import { WrongConfiguration, type Problem } from './problem.ts'
import type { SettingsFile } from './settings-file.ts'

export type Config = {
  readonly environment: Environment
  readonly settings: SettingsFile
  readonly assess: AssessSettings
  readonly runbook: RunbookParts
  readonly evidence: EvidenceParts
  /** Contents of the CA files named in the environment. */
  readonly authorities: { readonly [A in Authority]: string | undefined }
}

/** What plans are made of. */
type RunbookParts = Pick<SettingsFile, 'services' | 'maintenance'> & {
  readonly kubernetes: {
    readonly namespace: string
    readonly services: readonly string[]
    readonly suspend: readonly OwnerName[]
  } | null
  readonly cache: SettingsFile['redis']['cache']
}

/** What is kept before the first write, and how much. */
type EvidenceParts = {
  readonly services: readonly string[]
  readonly queries: readonly { readonly name: string; readonly query: string }[]
  readonly deadlineMs: number
  readonly maxBytes: number
  readonly maxFileBytes: number
  readonly maxTotalBytes: number
  readonly reserveBytes: number
}

type Authority = 'services' | 'prometheus' | 'redis' | 'mongodb'

/** What the command needs beside the probes: `assess` works without Slack. */
export type Need = 'slack'

/** Reads everything at once and throws {@link WrongConfiguration} with every problem there is. */
export function loadConfig(options: {
  readonly file: string
  readonly variables: NodeJS.ProcessEnv
  readonly needs: readonly Need[]
}): Config {
  const problems: Problem[] = []
  const environment = parseEnvironment(options.variables)
  if ('problems' in environment) problems.push(...environment.problems)

  const text = readText(options.file, 'the settings', problems)
  const name = basename(options.file)
  const settings = text === null ? null : parseSettings(text, name, options.variables)
  if (settings && 'problems' in settings) problems.push(...settings.problems)

  if (!('environment' in environment) || !settings || !('settings' in settings)) {
    throw new WrongConfiguration(problems)
  }
  const config = combine(environment.environment, settings.settings, problems)
  problems.push(...disagreements(config, name))
  if (options.needs.includes('slack')) problems.push(...missingForSlack(config, options.variables))
  if (problems.length > 0) throw new WrongConfiguration(problems)
  return config
}

function combine(environment: Environment, settings: SettingsFile, problems: Problem[]): Config {
  const authority = (path: string | undefined, what: string) =>
    path === undefined ? undefined : (readText(path, what, problems) ?? undefined)
  const { kubernetes } = settings.procedures
  return {
    environment,
    settings,
    assess: {
      services: settings.services,
      metrics: settings.prometheus,
      matrix: settings.matrix,
      activeUsersKey: settings.redis.activeUsersKey,
      deadlineMs: settings.deadlineSeconds * 1000,
      kubernetes: kubernetes ? { services: Object.keys(kubernetes.deployments) } : null,
    },
    runbook: {
      services: settings.services,
      maintenance: settings.maintenance,
      cache: settings.redis.cache,
      kubernetes: kubernetes
        ? {
            namespace: kubernetes.namespace,
            services: Object.keys(kubernetes.deployments),
            suspend: kubernetes.suspend,
          }
        : null,
    },
    evidence: evidenceOf(settings),
    authorities: {
      services: authority(environment.SERVICES_CA_FILE, 'SERVICES_CA_FILE'),
      prometheus: authority(environment.PROMETHEUS_CA_FILE, 'PROMETHEUS_CA_FILE'),
      redis: authority(environment.REDIS_CA_FILE, 'REDIS_CA_FILE'),
      mongodb: authority(environment.MONGODB_CA_FILE, 'MONGODB_CA_FILE'),
    },
  }
}

const MEGABYTE = 1_000_000

function evidenceOf({ procedures, prometheus, evidence }: SettingsFile): EvidenceParts {
  const { traffic, errors, logins, loginFailures, p95, targets, targetsUp } = prometheus
  const queries = { traffic, errors, logins, loginFailures, p95, targets, targetsUp }
  return {
    services: Object.keys(procedures.kubernetes?.deployments ?? {}),
    queries: Object.entries(queries).map(([name, query]) => ({ name, query })),
    deadlineMs: evidence.deadlineSeconds * 1000,
    maxBytes: evidence.maxMegabytes * MEGABYTE,
    maxFileBytes: evidence.maxFileMegabytes * MEGABYTE,
    maxTotalBytes: evidence.maxTotalMegabytes * MEGABYTE,
    reserveBytes: evidence.reserveMegabytes * MEGABYTE,
  }
}

function disagreements({ settings, environment }: Config, file: string): Problem[] {
  const problems: Problem[] = []
  const services = settings.services.map(({ name }) => name)
  const twice = services.filter((name, index) => services.indexOf(name) !== index)
  for (const name of new Set(twice)) {
    problems.push({ where: file, what: `services: "${name}" is listed twice` })
  }
  const { kubernetes } = settings.procedures
  for (const name of Object.keys(kubernetes?.deployments ?? {})) {
    if (services.includes(name)) continue
    const meant = nearest(name, services)
    problems.push({
      where: file,
      what: `procedures.kubernetes.deployments: "${name}" is not a service${meant ? `; did you mean "${meant}"?` : ''}`,
    })
  }
  if (kubernetes && environment.BACKOUT_NAMESPACE === kubernetes.namespace) {
    problems.push({
      where: file,
      what: `procedures.kubernetes.namespace: Backout itself runs in "${kubernetes.namespace}" and must not stand on what it rolls back; install it in a namespace of its own`,
    })
  }
  problems.push(...crossedLimits(settings, file), ...unprotectedKeys(settings, file))
  return problems
}

/** What people are told during the rollback, and what is counted, is no cache. */
function unprotectedKeys({ redis, maintenance }: SettingsFile, file: string): Problem[] {
  const { prefixes, protectedPrefixes } = redis.cache
  const kept = [maintenance.key, maintenance.messageKey, redis.activeUsersKey]
  return kept
    .filter((key) => prefixes.some((prefix) => key.startsWith(prefix)))
    .filter((key) => !protectedPrefixes.some((prefix) => key.startsWith(prefix)))
    .map((key) => ({
      where: file,
      what: `redis.cache.prefixes: the key "${key}" would be cleared with the cache; add it to redis.cache.protectedPrefixes`,
    }))
}

/** A lower limit above its upper one would make a rule that can never match. */
function crossedLimits({ matrix }: SettingsFile, file: string): Problem[] {
  const pairs = [
    ['errorsElevatedPercent', 'errorsCriticalPercent'],
    ['loginFailuresElevatedPercent', 'loginFailuresCriticalPercent'],
    ['latencyElevatedPercent', 'latencyHighPercent'],
    ['latencyMinorPercent', 'latencyElevatedPercent'],
  ] as const
  return pairs
    .filter(([lower, upper]) => matrix[lower] >= matrix[upper])
    .map(([lower, upper]) => ({
      where: file,
      what: `matrix.${lower} (${matrix[lower]}) must be below matrix.${upper} (${matrix[upper]})`,
    }))
}

function missingForSlack(
  { environment, settings }: Config,
  variables: NodeJS.ProcessEnv,
): Problem[] {
  const needed =
    settings.slack.mode === 'socket'
      ? (['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN'] as const)
      : (['SLACK_BOT_TOKEN', 'SLACK_SIGNING_SECRET'] as const)
  return needed
    .filter((name) => environment[name] === undefined)
    .map((name) => {
      const similar = nearest(
        name,
        Object.keys(variables).filter(
          (set) => set.startsWith('SLACK') && set !== name && !(set in environment),
        ),
      )
      const hint = similar ? `; ${similar} is set, is that a typing error?` : ''
      return {
        where: 'environment',
        what: `${name} is missing (slack.mode is ${settings.slack.mode})${hint}`,
      }
    })
}

function readText(path: string, what: string, problems: Problem[]): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    const why = code === 'ENOENT' ? 'there is no such file' : `cannot be read (${code})`
    // The path of an authority is a value of the environment, and those are never shown.
    problems.push(
      what === 'the settings'
        ? { where: path, what: `${what}: ${why}` }
        : { where: 'environment', what: `${what}: ${why}` },
    )
    return null
  }
}
