import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
// oxlint-disable-next-line import/no-unassigned-import -- it is there for what it does
import './keep-compiled.js'
import type { JournalPlace } from './config/journal-place.ts'
import type { Config, Need } from './config/load-config.ts'
import type { Symptom as SymptomName } from './domain/assessment/symptom.ts'

// Late, so that what they compile to is kept too: it halves the start, from the second one on.
const [{ FLAGS, misuseOf, USAGE }, { loadConfig }, { WrongConfiguration }, { Fault }, { Symptom }] =
  await Promise.all([
    import('./compose/command-line.ts'),
    import('./config/load-config.ts'),
    import('./config/problem.ts'),
    import('./domain/base/fault.ts'),
    import('./domain/assessment/symptom.ts'),
  ])

const EXAMPLES_LET_THROUGH =
  ' SLACK_API_URL is on this machine, so example people and numbers were let through.'

/** What people do on this machine while Slack is down. */
const OVER_THE_JOURNAL: ReadonlySet<string | undefined> = new Set([
  'status',
  'plan',
  'sign',
  'abort',
])

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

    if (!values.help && OVER_THE_JOURNAL.has(command)) return await outside(config, positionals)
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
        return told(await runAssess(config([]), { symptoms, json: values.json }))
      }
      case 'doctor': {
        const { runDoctor } = await import('./compose/commands/doctor.ts')
        return told(await runDoctor(config([])))
      }
      case 'check-config':
        config(['slack', 'real-people'])
        return sayItIsRight()
      case 'report':
        return await report(positionals[1], positionals[2], { ...values, config })
      case 'verify-journal':
        return await verifyJournal(positionals[1], { ...values, config })
      case 'export':
        return await exportJournal(positionals[1])
      case 'migrate-journal':
        return await migrateJournal(positionals[1])
      case 'prepare-journal':
        return await prepareJournal(values.role)
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

async function sayItIsRight(): Promise<number> {
  say(`The configuration is right.${(await isLenient()) ? EXAMPLES_LET_THROUGH : ''}`)
  return 0
}

async function outside(
  config: (needs: readonly Need[]) => Config,
  words: readonly string[],
): Promise<number> {
  const { runOutside } = await import('./compose/commands/outside.ts')
  return told(await runOutside(config([]), words))
}

async function verifyJournal(
  given: string | undefined,
  wanted: {
    readonly 'against-slack': boolean
    readonly 'public-key': readonly string[]
    readonly days: string
    readonly config: (needs: readonly Need[]) => Config
  },
): Promise<number> {
  const days = Number(wanted.days)
  if (!(days >= 1 && days <= 3650)) return refuse(`--days ${wanted.days}: say 1 to 3650`)
  const { runVerifyJournal } = await import('./compose/commands/verify-journal.ts')
  const place = await journalAt(given)
  const isCopy = place.kind === 'file' && place.file.endsWith('.jsonl')
  const proof = await runVerifyJournal({
    of: isCopy ? { kind: 'copy', file: place.file } : place,
    publicKeys: wanted['public-key'],
    slack: wanted['against-slack'] ? wanted.config(['slack']) : null,
    days,
  })
  return told(proof)
}

async function exportJournal(file: string | undefined): Promise<number> {
  const { runExport } = await import('./compose/commands/export.ts')
  return told(await runExport(await journalAt(undefined), file))
}

async function migrateJournal(given: string | undefined): Promise<number> {
  const { runMigrateJournal } = await import('./compose/commands/move-journal.ts')
  const file = given ?? join(process.env['BACKOUT_DATA'] || './data', 'journal.sqlite')
  if (!existsSync(file)) throw new TypeError(`there is no journal at ${file}`)
  return told(await runMigrateJournal(file))
}

async function prepareJournal(role: string | undefined): Promise<number> {
  const { runPrepareJournal } = await import('./compose/commands/move-journal.ts')
  return told(await runPrepareJournal(role))
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
  const done = await runReport({
    incident,
    journal: await journalAt(journal),
    file: file ?? null,
    folder: folder ?? null,
    config: folder !== undefined && process.env['PROMETHEUS_URL'] ? () => config([]) : null,
  })
  return told(done)
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

/** A file that is named goes before what the environment says. */
async function journalAt(given: string | undefined): Promise<JournalPlace> {
  const { journalPlaceIn } = await import('./config/journal-place.ts')
  const place: JournalPlace =
    given === undefined
      ? journalPlaceIn(process.env)
      : { kind: 'file', folder: dirname(given), file: given }
  if (place.kind === 'file' && !existsSync(place.file)) {
    throw new TypeError(`there is no journal at ${place.file}`)
  }
  return place
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
