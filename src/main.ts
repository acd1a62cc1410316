import { parseArgs } from 'node:util'
// oxlint-disable-next-line import/no-unassigned-import -- it is there for what it does
import './keep-compiled.js'
import type { Config, Configs, Need } from './config/load-config.ts'
import type { Symptom as SymptomName } from './domain/assessment/symptom.ts'

// Late, so that what they compile to is kept too: it halves the start, from the second one on.
const [
  { FLAGS, misuseOf, USAGE },
  { loadConfig, loadConfigs },
  { WrongConfiguration },
  { Fault },
  { Symptom },
] = await Promise.all([
  import('./compose/command-line.ts'),
  import('./config/load-config.ts'),
  import('./config/problem.ts'),
  import('./domain/base/fault.ts'),
  import('./domain/assessment/symptom.ts'),
])

const EXAMPLES_LET_THROUGH =
  ' SLACK_API_URL is on this machine, so example people and numbers were let through.'

/** sysexits.h: EX_CONFIG. */
const WRONG_CONFIGURATION = 78

process.exitCode = await run(process.argv.slice(2))
// Connections that are still closing must not keep a finished command alive.
process.exit()

async function run(args: readonly string[]): Promise<number> {
  try {
    const { values, positionals, tokens } = parseArgs({
      args: [...args],
      allowPositionals: true,
      tokens: true,
      options: FLAGS,
    })
    if (values.version) {
      const { VERSION } = await import('./config/version.ts')
      say(VERSION)
      return 0
    }
    const [command, ...words] = positionals
    const flags = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
    if (values.help || command === undefined) {
      process.stderr.write(USAGE)
      return values.help ? 0 : 1
    }
    const misuse = misuseOf(positionals, flags)
    if (misuse !== null) return refuse(misuse)
    return await carryOut(command, { words, values })
  } catch (error) {
    return explain(error)
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof FLAGS }>>['values']

/** Returns the exit code. */
async function carryOut(
  command: string,
  { words, values }: { readonly words: readonly string[]; readonly values: Values },
): Promise<number> {
  const { config: file, environment: named } = values
  const wanted = { file, variables: process.env, named }
  const all = (needs: readonly Need[]) => loadConfigs({ ...wanted, needs })
  const config = (needs: readonly Need[]) => loadConfig({ ...wanted, needs })

  switch (command) {
    case 'start': {
      const { runStart } = await import('./compose/commands/start.ts')
      return await runStart(all(['slack', 'real-people']))
    }
    case 'demo': {
      const { runDemo } = await import('./compose/commands/demo.ts')
      return await runDemo(values)
    }
    case 'assess': {
      const { runAssess } = await import('./compose/commands/assess.ts')
      const symptoms = values.symptom.map(parseSymptom)
      return told(await runAssess(config([]), { symptoms, json: values.json }))
    }
    case 'doctor':
      return await doctor(named === undefined ? all([]) : [config([])])
    case 'check-config':
      return sayItIsRight(all(['slack', 'real-people']))
    case 'status':
    case 'plan':
    case 'sign':
    case 'abort':
      return await outside(config([]), [command, ...words])
    case 'report':
    case 'verify-journal':
    case 'export':
    case 'migrate-journal':
    case 'prepare-journal': {
      const { runOverJournal } = await import('./compose/commands/over-journal.ts')
      const variables = await variablesFor(named)
      const done = await runOverJournal(command, { words, ...values, variables, config })
      return 'misuse' in done ? refuse(done.misuse) : told(done)
    }
    case 'engine-proxy':
      return await standBeforeEngine(values)
    default:
      throw new TypeError(`${command} is known, and nothing carries it out`)
  }
}

async function doctor(configs: readonly Config[]): Promise<number> {
  const { runDoctor } = await import('./compose/commands/doctor.ts')
  return told(await runDoctor(configs))
}

async function sayItIsRight(all: Configs): Promise<number> {
  const names = all.map(({ settings }) => settings.environment)
  const several = all.length > 1 ? ` It has ${all.length} environments: ${names.join(', ')}.` : ''
  say(`The configuration is right.${several}${(await isLenient()) ? EXAMPLES_LET_THROUGH : ''}`)
  return 0
}

/** Of one environment, by their usual names; where none is named, as they are. */
async function variablesFor(named: string | undefined): Promise<NodeJS.ProcessEnv> {
  if (named === undefined) return process.env
  const { variablesOf } = await import('./config/own-variables.ts')
  return variablesOf(named, process.env)
}

/** What people do on this machine while Slack is down. */
async function outside(config: Config, words: readonly string[]): Promise<number> {
  const { runOutside } = await import('./compose/commands/outside.ts')
  return told(await runOutside(config, words))
}

async function standBeforeEngine(
  values: Readonly<Record<'config' | 'listen' | 'engine', string>> & {
    readonly environment?: string | undefined
  },
): Promise<number> {
  const { runEngineProxy } = await import('./compose/commands/engine-proxy.ts')
  const { config: settings, environment, listen, engine } = values
  return runEngineProxy({ settings, environment, listen, engine })
}

async function isLenient(): Promise<boolean> {
  return (await import('./config/ready-to-run.ts')).isRehearsal(process.env)
}

function refuse(misuse: string): number {
  process.stderr.write(`${misuse}\n\n${USAGE}`)
  return 1
}

function parseSymptom(name: string): SymptomName {
  const parsed = Symptom.safeParse(name)
  if (parsed.success) return parsed.data
  throw new TypeError(`"${name}" is not a symptom; known are ${Symptom.options.join(', ')}`)
}

function told({
  output,
  exitCode,
}: {
  readonly output: string
  readonly exitCode: number
}): number {
  say(output)
  return exitCode
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

function explain(error: unknown): number {
  if (error instanceof WrongConfiguration) {
    const { length } = error.problems
    const places = length === 1 ? '' : `, in ${length} places`
    process.stderr.write(`The configuration is wrong${places}:\n\n${error.message}\n`)
    return WRONG_CONFIGURATION
  }
  const known = error instanceof Fault || error instanceof TypeError
  const text =
    error instanceof Error
      ? known
        ? error.message
        : (error.stack ?? error.message)
      : String(error)
  process.stderr.write(`${text}\n`)
  return 1
}
