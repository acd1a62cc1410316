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

/** The settings of one environment. */
export type Parsed = (
  | { readonly settings: Settings }
  | { readonly problems: readonly Problem[] }
) & {
  /** As it stands in the file; `null`: it cannot be read. */
  readonly name: string | null
  /** What is right of it, however much else is wrong. */
  readonly read: Readable<Settings>
  /** By the names of `Settings`, whichever form the file has. */
  readonly at: Locate
}

export type ParsedAll = readonly [Parsed, ...Parsed[]]

/** Reads the text of `backout.yaml`: its one environment at the top, or those below `environments` by name. */
export function parseSettings(text: string, file: string, variables: NodeJS.ProcessEnv): ParsedAll {
  const yaml = readYaml(text, file, variables)
  const { plain, problems, at } = yaml
  if (plain === undefined) return [{ name: null, problems, read: undefined, at }]
  const top = asRecord(plain)
  return top && Object.keys(top).some(meansEnvironments) ? parseNamed(yaml, top) : [parseOne(yaml)]
}

/** The only environment; of several the one that is named. Throws a `TypeError` that says which there are. */
export function oneOf<One extends { readonly name: string | null }>(
  all: readonly One[],
  named: string | undefined,
): One {
  const [only, ...others] = all
  const isClear = named === undefined && others.length === 0
  const found = isClear ? only : all.find(({ name }) => name === named)
  if (found) return found
  const names = all.map(({ name }) => name ?? '')
  throw new TypeError(
    named === undefined
      ? `of which environment? Say ${names.map((name) => `--environment ${name}`).join(' or ')}`
      : `there is no environment "${named}"; there is ${names.join(' and ')}`,
  )
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
  const known = { name: read?.environment ?? null, read, at }
  return parsed.success && problems.length === 0
    ? { ...known, settings: parsed.data }
    : { ...known, problems }
}

function parseNamed(yaml: ReadYaml, top: AnyRecord): ParsedAll {
  const misplaced = ['environment', ...ENVIRONMENT_KEYS].filter((key) => key in top)
  const inPlace = Object.fromEntries(
    Object.entries(top).filter(([key]) => !misplaced.includes(key)),
  )
  const [name = '', ...others] = Object.keys(asRecord(top['environments']) ?? {})
  const seen = readable(NamedEnvironments, inPlace)
  const parsed = NamedEnvironments.safeParse(inPlace)
  const problems = [
    ...yaml.problems,
    ...objections(parsed.error, NamedEnvironments, yaml),
    ...misplaced.map((key) => ({ where: yaml.at([key]), what: misplacedInWords(key, name) })),
    ...channelProblems(yaml, seen, [name, ...others]),
  ]
  if (parsed.success && !parsed.data.environments[name]) {
    const what =
      'environments: must hold the name of an environment, and its settings below the name'
    problems.push({ where: yaml.at(['environments']), what })
  }
  const right = parsed.success && problems.length === 0 ? parsed.data : null
  const environment = (of: string): Parsed => {
    const known = { name: of, read: settingsOf(of, seen), at: placesOf(of, yaml) }
    // What is wrong in the file is told once.
    if (!right) return { ...known, problems: of === name ? problems : [] }
    return { ...known, settings: settingsOf(of, right) }
  }
  return [environment(name), ...others.map(environment)]
}

/** Lines of the file, asked for as if the environment stood at the top. */
function placesOf(name: string, yaml: ReadYaml): Locate {
  const inFile = (path: Path): Path => {
    const [key, below] = path.map(String)
    const channels = ['environments', name, 'channels']
    if (key === 'slack' && below === 'channels' && yaml.has(channels)) {
      return [...channels, ...path.slice(2)]
    }
    return ENVIRONMENT_KEYS.includes(String(key)) ? ['environments', name, ...path] : path
  }
  return (first, ...more) => yaml.at(inFile(first), ...more.map(inFile))
}

type Named = z.infer<typeof NamedEnvironments>

/** One of them as if it stood alone at the top. */
function settingsOf(name: string, of: Named): Settings
function settingsOf(name: string, of: Readable<Named>): Readable<Settings>
function settingsOf(name: string, of: Readable<Named>): Readable<Settings> {
  const { environments, slack, ...team } = of ?? {}
  const { channels = slack?.channels, ...environment } = environments?.[name] ?? {}
  return { environment: name, ...team, slack: { ...slack, channels }, ...environment }
}

/** A channel says whose a command is: each environment has its own. */
function channelProblems(
  yaml: ReadYaml,
  seen: Readable<Named>,
  names: readonly string[],
): readonly Problem[] {
  const atTop = yaml.has(['slack', 'channels'])
  const without = names.filter((name) => !yaml.has(['environments', name, 'channels']))
  if (names.length === 1) {
    const [name = ''] = names
    if (atTop && without.length === 0) {
      const what = `slack.channels: environments.${name}.channels is there too; leave one of them out`
      return [{ where: yaml.at(['slack', 'channels']), what }]
    }
    if (atTop || !seen?.environments?.[name]) return []
  }
  return [
    ...(atTop
      ? [
          {
            where: yaml.at(['slack', 'channels']),
            what: `slack.channels: a channel belongs to one environment; move it to environments.${names[0] ?? 'NAME'}.channels, and give each of the others its own`,
          },
        ]
      : []),
    ...without.map((name) => ({
      where: yaml.at(['environments', name]),
      what: `environments.${name}.channels: is missing`,
    })),
  ]
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
