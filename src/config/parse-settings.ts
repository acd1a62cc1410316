import type { z } from 'zod'
import { nearest } from '../domain/text/nearest.ts'
import { asRecord, type AnyRecord } from './as-record.ts'
import { describeIssue } from './describe-issue.ts'
import type { Path } from './path.ts'
import type { Problem } from './problem.ts'
import { readable, type Readable } from './readable.ts'
import { readYaml, type Locate, type ReadYaml } from './read-yaml.ts'
import type { Schema } from './schema-parts.ts'
import { ENVIRONMENT_KEYS, NamedEnvironments, Settings } from './settings-file.ts'

type Parsed = ({ readonly settings: Settings } | { readonly problems: readonly Problem[] }) & {
  /** What is right in the file, however much else is wrong. */
  readonly read: Readable<Settings>
  /** By the names of `Settings`, whichever form the file has. */
  readonly at: Locate
}

/** Reads the text of `backout.yaml`: its one environment at the top, or below `environments` by name. */
export function parseSettings(text: string, file: string, variables: NodeJS.ProcessEnv): Parsed {
  const yaml = readYaml(text, file, variables)
  const { plain, problems, at } = yaml
  if (plain === undefined) return { problems, read: undefined, at }
  const top = asRecord(plain)
  return top && Object.keys(top).some(meansEnvironments) ? parseNamed(yaml, top) : parseOne(yaml)
}

/** With a letter wrong too: else every key below it would be told as missing at the top. */
function meansEnvironments(key: string): boolean {
  return nearest(key, [...Object.keys(Settings.shape), 'environments']) === 'environments'
}

function parseOne(yaml: ReadYaml): Parsed {
  const { at, plain } = yaml
  const read = readable(Settings, plain)
  const parsed = Settings.safeParse(plain)
  const problems = [...yaml.problems, ...objections(parsed.error, Settings, yaml)]
  if (!parsed.success || problems.length > 0) return { problems, read, at }
  return { settings: parsed.data, read, at }
}

function parseNamed(yaml: ReadYaml, top: AnyRecord): Parsed {
  const misplaced = ['environment', ...ENVIRONMENT_KEYS].filter((key) => key in top)
  const inPlace = Object.fromEntries(
    Object.entries(top).filter(([key]) => !misplaced.includes(key)),
  )
  const [name = '', ...others] = Object.keys(asRecord(top['environments']) ?? {})
  const inFile = (path: Path): Path =>
    ENVIRONMENT_KEYS.includes(String(path[0])) ? ['environments', name, ...path] : path
  const at: Locate = (first, ...more) => yaml.at(inFile(first), ...more.map(inFile))
  const { environments: seen, ...seenTeam } = readable(NamedEnvironments, inPlace) ?? {}
  const read = { environment: name, ...seenTeam, ...seen?.[name] }

  const parsed = NamedEnvironments.safeParse(inPlace)
  const environment = parsed.data?.environments[name]
  const problems = [
    ...yaml.problems,
    ...objections(parsed.error, NamedEnvironments, yaml),
    ...misplaced.map((key) => ({ where: yaml.at([key]), what: misplacedInWords(key, name) })),
    ...others.map((other) => ({
      where: yaml.at(['environments', other]),
      what: `environments: "${other}" is one too many: several environments are not supported yet; leave one here, and run another Backout for the other`,
    })),
  ]
  if (parsed.success && !environment) {
    const what =
      'environments: must hold the name of an environment, and its settings below the name'
    problems.push({ where: yaml.at(['environments']), what })
  }
  if (!parsed.success || !environment || problems.length > 0) return { problems, read, at }
  const { environments: _, ...team } = parsed.data
  return { settings: { environment: name, ...team, ...environment }, read, at }
}

function misplacedInWords(key: string, name: string): string {
  return key === 'environment'
    ? 'environment: the name stands in environments already; leave this line out'
    : `${key}: stands beside environments; move it to environments.${name || 'NAME'}`
}

function objections(
  error: z.ZodError | undefined,
  schema: Schema,
  yaml: ReadYaml,
): readonly Problem[] {
  return (
    (error?.issues ?? [])
      // One mistake is one problem: a variable that is not set, a line that is not YAML.
      .filter(({ path }) => !yaml.isUnset(path) && !yaml.isLost(path))
      .flatMap((issue) => describeIssue(issue, schema, yaml))
      .filter(({ where }) => !yaml.misspelledAt.includes(where))
  )
}
