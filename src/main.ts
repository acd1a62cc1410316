import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs, type ParseArgsConfig } from 'node:util'
// oxlint-disable-next-line import/no-unassigned-import -- it is there for what it does
import './keep-compiled.js'
import type { Config, Need } from './config/load-config.ts'
import type { Symptom as SymptomName } from './domain/assessment/symptom.ts'

// Late, so that what they compile to is kept too: it halves the start, from the second one on.
const [{ loadConfig }, { WrongConfiguration }, { Fault }, { Symptom }] = await Promise.all([
  import('./config/load-config.ts'),
  import('./config/problem.ts'),
  import('./domain/base/fault.ts'),
  import('./domain/assessment/symptom.ts'),
])

const USAGE = `Backout: says whether to roll back, and to what.

  node src/main.ts <command>

  start            run the bot
  demo             try it: a simulated production and a local Slack  [--scenario name] [--platform docker] [--port n]
                   [--crash]: the bot can be killed in the middle, and goes on where it was
  assess           look at production now  [--symptom name]… [--json]
                   exit 0 do not roll back, 10 roll back, 11 a person decides, 1 failure
  doctor           check tokens, permissions, connections, clocks; exit 1 when something is wrong
  check-config     check the configuration; exit 78 when it is wrong
  report           write the report of an incident  <incident> [file.md | file.html] [--journal file]
                   [--folder name]: the report, the page and the journal of the incident in a new
                   folder, with its picture where PROMETHEUS_URL is set
  verify-journal   prove that the journal was not edited; exit 1 when it was  [file]
  engine-proxy     stand in front of a Docker Engine, and send on only what Backout needs
                   [--listen socket] [--engine socket]

start, assess, doctor, check-config and engine-proxy read backout.yaml, or another file: [--config file]; so does
report for its picture
--version says which Backout this is. docs/on-call.md is for those on call.
Symptoms: ${Symptom.options.join(', ')}
`

/** What may follow each command: its flags, and how many words. */
const KNOWN: Readonly<
  Record<string, { readonly flags: readonly string[]; readonly words: number }>
> = {
  start: { flags: ['config'], words: 0 },
  // `slack` and `data`: for tests, and for the demo itself, which starts its bot with `lent-production`.
  demo: {
    flags: ['scenario', 'platform', 'port', 'crash', 'slack', 'data', 'lent-production'],
    words: 0,
  },
  assess: { flags: ['config', 'symptom', 'json'], words: 0 },
  doctor: { flags: ['config'], words: 0 },
  'check-config': { flags: ['config'], words: 0 },
  report: { flags: ['config', 'folder', 'journal'], words: 2 },
  'verify-journal': { flags: [], words: 1 },
  'engine-proxy': { flags: ['config', 'listen', 'engine'], words: 0 },
}

const FLAGS = {
  config: { type: 'string', default: 'backout.yaml' },
  json: { type: 'boolean', default: false },
  symptom: { type: 'string', multiple: true, default: [] },
  scenario: { type: 'string', default: 'errors-62' },
  platform: { type: 'string', default: 'kubernetes' },
  port: { type: 'string' },
  slack: { type: 'string' },
  folder: { type: 'string' },
  journal: { type: 'string' },
  data: { type: 'string' },
  listen: { type: 'string', default: '/engine/proxy.sock' },
  engine: { type: 'string', default: '/var/run/docker.sock' },
  crash: { type: 'boolean', default: false },
  'lent-production': { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
  version: { type: 'boolean', default: false },
} satisfies NonNullable<ParseArgsConfig['options']>

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
    const [command] = positionals
    const flags = tokens.flatMap((token) => (token.kind === 'option' ? [token.name] : []))
    const misuse = values.help ? null : misuseOf(positionals, flags)
    if (misuse !== null) return refuse(misuse)
    const config = (needs: readonly Need[]) =>
      loadConfig({ file: values.config, variables: process.env, needs })

    switch (values.help ? undefined : command) {
      case 'start': {
        const { runStart } = await import('./compose/commands/start.ts')
        return await runStart(config(['slack', 'real-people']))
      }
      case 'demo': {
        const { runDemo } = await import('./compose/commands/demo.ts')
        return await runDemo(values)
      }
      case 'assess': {
        const { runAssess } = await import('./compose/commands/assess.ts')
        const symptoms = values.symptom.map(parseSymptom)
        const { output, exitCode } = await runAssess(config([]), { symptoms, json: values.json })
        say(output)
        return exitCode
      }
      case 'doctor': {
        const { runDoctor } = await import('./compose/commands/doctor.ts')
        const { output, exitCode } = await runDoctor(config([]))
        say(output)
        return exitCode
      }
      case 'check-config':
        config(['slack', 'real-people'])
        say(`The configuration is right.${(await isLenient()) ? EXAMPLES_LET_THROUGH : ''}`)
        return 0
      case 'report':
        return await report(positionals[1], positionals[2], { ...values, config })
      case 'verify-journal':
        return await verifyJournal(positionals[1])
      case 'engine-proxy':
        return await standBeforeEngine(values)
      default:
        process.stderr.write(USAGE)
        return values.help ? 0 : 1
    }
  } catch (error) {
    return explain(error)
  }
}

async function verifyJournal(file: string | undefined): Promise<number> {
  const { runVerifyJournal } = await import('./compose/commands/verify-journal.ts')
  const { output, exitCode } = runVerifyJournal(journalFile(file))
  say(output)
  return exitCode
}

async function standBeforeEngine(
  values: Readonly<Record<'config' | 'listen' | 'engine', string>>,
): Promise<number> {
  const { runEngineProxy } = await import('./compose/commands/engine-proxy.ts')
  const { config: settings, listen, engine } = values
  return runEngineProxy({ settings, listen, engine })
}

async function report(
  incident: string | undefined,
  file: string | undefined,
  {
    folder,
    journal,
    config,
  }: {
    readonly folder?: string
    readonly journal?: string
    readonly config: (needs: readonly Need[]) => Config
  },
): Promise<number> {
  if (incident === undefined) return refuse('report: of which incident?')
  if (file !== undefined && folder !== undefined) {
    return refuse(`report: either into ${file} or into the folder ${folder}`)
  }
  const { runReport } = await import('./compose/commands/report.ts')
  const { output, exitCode } = await runReport({
    incident,
    journal: journalFile(journal),
    file: file ?? null,
    folder: folder ?? null,
    config: folder !== undefined && process.env['PROMETHEUS_URL'] ? () => config([]) : null,
  })
  say(output)
  return exitCode
}

async function isLenient(): Promise<boolean> {
  return (await import('./config/ready-to-run.ts')).isRehearsal(process.env)
}

function refuse(misuse: string): number {
  process.stderr.write(`${misuse}\n\n${USAGE}`)
  return 1
}

/** What is not understood is refused: left out, it could be what decides. `null`: nothing wrong. */
function misuseOf([command = '', ...words]: readonly string[], flags: readonly string[]) {
  const known = Object.hasOwn(KNOWN, command) ? KNOWN[command] : undefined
  if (known === undefined) return command === '' ? null : `there is no command "${command}"`
  const word = words[known.words]
  if (word !== undefined) {
    const meant = command === 'assess' ? `; a symptom is reported with --symptom ${word}` : ''
    return `${command} does not know what to do with "${word}"${meant}`
  }
  const flag = flags.find((name) => !known.flags.includes(name))
  return flag === undefined ? null : `${command} does not know --${flag}`
}

function parseSymptom(name: string): SymptomName {
  const parsed = Symptom.safeParse(name)
  if (parsed.success) return parsed.data
  throw new TypeError(`"${name}" is not a symptom; known are ${Symptom.options.join(', ')}`)
}

function journalFile(given: string | undefined): string {
  const file = given ?? join(process.env['BACKOUT_DATA'] || './data', 'journal.sqlite')
  if (existsSync(file)) return file
  throw new TypeError(`there is no journal at ${file}`)
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
