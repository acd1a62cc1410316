import { basename } from 'node:path'
import { nearest } from '../domain/text/nearest.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import { configuredItems, type VerificationPlan } from '../domain/verification/settings.ts'
import type { EvidencePlan, EvidenceQuota } from '../runbook/evidence/settings.ts'
import type { RunbookSettings } from '../runbook/parts/settings.ts'
import { readAuthorities, readCheckpointKey, readHostAccess, readText } from './credential-files.ts'
import type { Authorities, HostAccess } from './credential-files.ts'
import { crossChecks, type Read } from './cross-checks.ts'
import { Environment, parseEnvironment } from './environment.ts'
import { unreachablePagers } from './paging-checks.ts'
import { followingErrors } from './following-errors.ts'
import { narrowedQueries, withExporters } from './narrowed-queries.ts'
import type { MetricsSettings } from '../domain/assessment/settings.ts'
import { journalOfOne } from './journal-place.ts'
import { keptApart } from './kept-apart.ts'
import { variablesOf, withPrefix } from './own-variables.ts'
import { oneOf, parseSettings, type Parsed, type ParsedAll } from './parse-settings.ts'
import { WrongConfiguration, type Problem } from './problem.ts'
import { runbookSettings } from './runbook-settings.ts'
import { purgesOf } from './purge-settings.ts'
import { servicesRunBy } from './procedures.ts'
import { unready } from './ready-to-run.ts'
import type { Settings } from './settings-file.ts'
import { signingIn, type SigningSettings } from './signing.ts'

export type Config = {
  readonly environment: Environment
  readonly settings: Settings
  readonly assess: AssessSettings
  readonly runbook: RunbookSettings
  readonly evidence: EvidencePlan & EvidenceQuota
  readonly verification: VerificationPlan
  /** What is asked to forget the pages that it holds. */
  readonly purges: VerificationPlan
  /** Contents of the CA files named in the environment. */
  readonly authorities: Authorities
  /** What proves who we are to hosts and registries. */
  readonly access: HostAccess
  /** Signs checkpoints of the journal; `null`: they are not signed. */
  readonly checkpointKey: string | null
  /** Where people sign while Slack is down; `null`: nowhere. */
  readonly signing: SigningSettings | null
}

/**
 * What the command needs beside the probes: `assess` works without Slack, and the demo with the
 * people and numbers of an example.
 */
export type Need = 'slack' | 'real-people'

export type Configs = readonly [Config, ...Config[]]

type Wanted = {
  readonly file: string
  readonly variables: NodeJS.ProcessEnv
  readonly needs: readonly Need[]
}

/**
 * The environment of a file that has one; of several, the one that is named. Throws a `TypeError` where it is not
 * said which, and {@link WrongConfiguration} as {@link loadConfigs} does.
 */
export function loadConfig({ named, ...wanted }: Wanted & { readonly named?: string }): Config {
  const all = loadConfigs(wanted).map((config) => ({ name: config.settings.environment, config }))
  return oneOf(all, named).config
}

/**
 * Reads everything at once, each environment in the order of the file, and throws {@link WrongConfiguration} with every
 * problem there is.
 */
export function loadConfigs({ file, variables, needs }: Wanted): Configs {
  const problems: Problem[] = []
  const text = readText(file, 'the settings', problems)
  const parsed: ParsedAll =
    text === null ? [UNREAD] : parseSettings(text, basename(file), variables)
  const isSeveral = parsed.length > 1
  const read = parsed.map((one) => readEnvironment(one, { variables, needs, isSeveral }))
  const apart = read.map((one) => ({ ...one.read, name: one.name }))
  problems.push(
    ...read.flatMap((one) => one.problems),
    ...keptApart(apart, { text: text ?? '', variables }),
    ...(isSeveral ? journalOfOne(variables, apart) : []),
  )
  const [first, ...others] = read.flatMap(({ config }) => (config ? [config] : []))
  if (!first || problems.length > 0) throw new WrongConfiguration(once(problems))
  return [first, ...others]
}

const UNREAD: Parsed = { name: null, problems: [], read: undefined, at: ([key]) => String(key) }

type ReadOne = {
  readonly name: string
  readonly read: Read
  readonly problems: readonly Problem[]
  /** `null`: something is wrong with it. */
  readonly config: Config | null
}

/** With its own variables by their usual names, and whatever is wrong told as people have written it. */
function readEnvironment(
  parsed: Parsed,
  { variables: all, needs, isSeveral }: Omit<Wanted, 'file'> & { readonly isSeveral: boolean },
): ReadOne {
  const name = parsed.name ?? ''
  const variables = isSeveral ? variablesOf(name, all) : all
  const problems: Problem[] = []
  const environment = parseEnvironment(variables)
  if ('problems' in environment) problems.push(...environment.problems)
  const authorities = readAuthorities(environment.read, problems)
  const read = { settings: parsed.read, environment: environment.read, at: parsed.at }
  // Of a file that cannot be read nothing is known, and nothing of it can be missing.
  if (parsed !== UNREAD) {
    problems.push(...crossChecks(read))
    if (needs.includes('slack')) {
      problems.push(...missingForSlack(read, variables), ...unreachablePagers(read, variables))
    }
    if (needs.includes('real-people')) problems.push(...unready(read, variables))
  }
  const access = readHostAccess(environment.read, parsed.read, variables, problems)
  const checkpointKey = readCheckpointKey(environment.read, problems)
  const signing = signingIn(environment.read, problems)
  const files = { authorities, access, checkpointKey, signing }
  const inFile = 'problems' in parsed ? parsed.problems : []
  const isRight = 'environment' in environment && 'settings' in parsed && problems.length === 0
  return {
    name,
    read,
    problems: [
      ...inFile,
      ...(isSeveral ? problems.map((problem) => withPrefix(name, problem)) : problems),
    ],
    config: isRight ? combine(environment.environment, parsed.settings, files) : null,
  }
}

/** What concerns all environments was found in each of them. */
function once(problems: readonly Problem[]): readonly Problem[] {
  const told = new Map(problems.map((problem) => [`${problem.where}: ${problem.what}`, problem]))
  return [...told.values()]
}

function combine(
  environment: Environment,
  settings: Settings,
  files: Pick<Config, 'authorities' | 'access' | 'checkpointKey' | 'signing'>,
): Config {
  const { docker } = settings.procedures
  const { headers: _, ...asWritten } = settings.prometheus
  const metrics = withExporters(narrowedQueries(followingErrors(asWritten)))
  const deployed = servicesRunBy(settings.procedures).map(({ name }) => name)
  return {
    environment,
    settings,
    ...files,
    assess: {
      services: settings.services,
      metrics,
      matrix: settings.matrix,
      activeUsersKey: settings.redis.activeUsersKey,
      maintenanceKey: settings.maintenance.key,
      isolation: settings.isolation,
      clearsCache: settings.redis.cache.prefixes.length > 0,
      deadlineMs: settings.deadlineSeconds * 1000,
      deployed:
        deployed.length > 0
          ? { services: deployed, ...(docker ? { onHosts: Object.keys(docker.services) } : {}) }
          : null,
    },
    runbook: runbookSettings(settings, deployed),
    evidence: evidenceOf(metrics, settings, deployed),
    purges: purgesOf(settings.purge),
    verification: {
      items: configuredItems(settings.verification),
      deadlineMs: settings.verification.deadlineSeconds * 1000,
    },
  }
}

const MEGABYTE = 1_000_000

function evidenceOf(
  metrics: MetricsSettings,
  { evidence }: Settings,
  services: readonly string[],
): Config['evidence'] {
  const { traffic, errors, logins, loginFailures, p95, targets, targetsUp } = metrics
  const queries = { traffic, errors, logins, loginFailures, p95, targets, targetsUp }
  return {
    services,
    queries: Object.entries(queries).map(([name, query]) => ({ name, query })),
    deadlineMs: evidence.deadlineSeconds * 1000,
    maxBytes: evidence.maxMegabytes * MEGABYTE,
    maxFileBytes: evidence.maxFileMegabytes * MEGABYTE,
    maxTotalBytes: evidence.maxTotalMegabytes * MEGABYTE,
    reserveBytes: evidence.reserveMegabytes * MEGABYTE,
  }
}

function missingForSlack({ settings }: Read, variables: NodeJS.ProcessEnv): readonly Problem[] {
  const mode = settings?.slack?.mode
  const isSet = (name: string) => Boolean(variables[name])
  const tokens = [
    ['SLACK_BOT_TOKEN', 'the bot token of the Slack app, which starts with xoxb-', true],
    ['SLACK_APP_TOKEN', 'the app-level token, which starts with xapp-', mode === 'socket'],
    ['SLACK_SIGNING_SECRET', 'the signing secret of the Slack app', mode === 'http'],
  ] as const
  // One that is set and wrong is told already.
  const missing = tokens.filter(([name, , isNeeded]) => isNeeded && !isSet(name))
  const problems = missing.map(([name, what]) => {
    const forMode = name === 'SLACK_BOT_TOKEN' ? '' : ` (slack.mode is ${mode})`
    return `${name} is missing${forMode}: ${what}${similarlyNamed(name, variables)}`
  })
  if (mode === undefined && !isSet('SLACK_APP_TOKEN') && !isSet('SLACK_SIGNING_SECRET')) {
    problems.push(
      'SLACK_APP_TOKEN is missing for slack.mode socket, and SLACK_SIGNING_SECRET for slack.mode http',
    )
  }
  return problems.map((what) => ({ where: 'environment', what }))
}

/** A name that nobody knows, has a value, and is nearly the one that is missing. */
function similarlyNamed(name: string, variables: NodeJS.ProcessEnv): string {
  const known = Object.keys(Environment.shape)
  const strange = Object.entries(variables)
    .filter(([set, value]) => set.startsWith('SLACK') && value && !known.includes(set))
    .map(([set]) => set)
  const similar = nearest(name, strange)
  return similar ? `; ${similar} is set, is that a typing error?` : ''
}
