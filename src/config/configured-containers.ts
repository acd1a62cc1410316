import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { MigrationSettings, toldVariables } from '../runbook/database/settings.ts'
import { DockerSettings } from '../runbook/docker/settings.ts'
import { FeatureFlagSettings } from '../runbook/feature-flag/settings.ts'
import { oneOf, parseSettings, type Parsed } from './parse-settings.ts'
import { WrongConfiguration } from './problem.ts'

const Services = DockerSettings.shape.services

type SettingsFile = {
  readonly file: string
  readonly variables: NodeJS.ProcessEnv
  /** Which environment is meant; left out: the only one. */
  readonly named?: string | undefined
}

/**
 * Which containers the settings name. What else is in them, and in the environment, may be wrong or missing: who only
 * stands in front of an Engine is given no secrets.
 */
export function configuredContainers(of: SettingsFile) {
  const { read, at } = readSettings(of)
  const services = Services.safeParse(read?.procedures?.docker?.services)
  if (services.success) return services.data
  const what =
    'procedures.docker.services: names no containers that can be read; check-config says what is wrong'
  throw new WrongConfiguration([{ where: at(['procedures', 'docker', 'services']), what }])
}

/** Of each service the variables that are flags, and what they may be switched to. Where these cannot be read there are none. */
export function configuredVariables(
  of: SettingsFile,
): Record<string, Record<string, readonly string[]>> {
  const parsed = readSettings(of)
  // A part that cannot be read is left out of what is read, and would become what is usual.
  const problems = 'problems' in parsed ? parsed.problems : []
  const isWrong = problems.some(({ what }) => what.startsWith('procedures.featureFlag'))
  const { read } = isWrong ? { read: undefined } : parsed
  const { data } = FeatureFlagSettings.safeParse(read?.procedures?.featureFlag)
  const found: Record<string, Record<string, readonly string[]>> = {}
  for (const place of data?.places ?? []) {
    if (!data || place.in !== 'docker-env') continue
    const { service, env = data.name, safe = data.safe } = place
    found[service] = { ...found[service], [env]: [...new Set([...data.values, safe])] }
  }
  return found
}

/**
 * The `down` of a migration, where it is to run on the host that is reached at `listen`. Where any of it cannot be read
 * there is none.
 */
export function configuredJob(of: SettingsFile, listen: string) {
  const parsed = readSettings(of)
  const problems = 'problems' in parsed ? parsed.problems : []
  if (problems.some(({ what }) => what.startsWith('procedures.database.migration'))) return null
  const { database, docker } = parsed.read?.procedures ?? {}
  const migration = MigrationSettings.safeParse(database?.migration).data
  if (!migration?.docker) return null
  const { host, network, environment } = migration.docker
  if (docker?.hosts?.[host]?.address !== `unix://${listen}`) return null
  const { image, command } = migration
  return { image, command, network, environment, variables: toldVariables(migration) }
}

function readSettings({ file, variables, named }: SettingsFile): Parsed {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new WrongConfiguration([{ where: file, what: `the settings cannot be read (${code})` }])
  }
  const all = parseSettings(text, basename(file), variables)
  return oneOf(all, named)
}
