import { journalAt, journalFileAt } from '../../config/journal-place.ts'
import type { Config, Need } from '../../config/load-config.ts'

type Done = { readonly output: string; readonly exitCode: number }
type Outcome = Done | { readonly misuse: string }

type Given = {
  /** What was typed behind the command. */
  readonly words: readonly string[]
  readonly folder?: string | undefined
  readonly journal?: string | undefined
  readonly role?: string | undefined
  readonly days: string
  readonly 'against-slack': boolean
  readonly 'public-key': readonly string[]
  /** Those of the environment whose journal it is, by their usual names. */
  readonly variables: NodeJS.ProcessEnv
  readonly config: (needs: readonly Need[]) => Config
}

type OverJournal = 'report' | 'verify-journal' | 'export' | 'migrate-journal' | 'prepare-journal'

const COMMANDS: Readonly<Record<OverJournal, (given: Given) => Promise<Outcome>>> = {
  report,
  'verify-journal': verifyJournal,
  export: exportJournal,
  'migrate-journal': migrateJournal,
  'prepare-journal': prepareJournal,
}

/** The commands that read a journal, or move one, and need no settings for it. */
export function runOverJournal(command: OverJournal, given: Given): Promise<Outcome> {
  return COMMANDS[command](given)
}

async function report({
  words: [incident, file],
  folder,
  journal,
  variables,
  config,
}: Given): Promise<Outcome> {
  if (incident === undefined) return { misuse: 'report: of which incident?' }
  if (file !== undefined && folder !== undefined) {
    return { misuse: `report: either into ${file} or into the folder ${folder}` }
  }
  const { runReport } = await import('./report.ts')
  return runReport({
    incident,
    journal: journalAt(journal, variables),
    file: file ?? null,
    folder: folder ?? null,
    config: folder !== undefined && variables['PROMETHEUS_URL'] ? () => config([]) : null,
  })
}

async function verifyJournal({ words: [given], variables, ...wanted }: Given): Promise<Outcome> {
  const days = Number(wanted.days)
  if (!(days >= 1 && days <= 3650)) return { misuse: `--days ${wanted.days}: say 1 to 3650` }
  const { runVerifyJournal } = await import('./verify-journal.ts')
  const place = journalAt(given, variables)
  const isCopy = place.kind === 'file' && place.file.endsWith('.jsonl')
  return runVerifyJournal({
    of: isCopy ? { kind: 'copy', file: place.file } : place,
    publicKeys: wanted['public-key'],
    slack: wanted['against-slack'] ? wanted.config(['slack']) : null,
    days,
  })
}

async function exportJournal({ words: [file], variables }: Given): Promise<Outcome> {
  const { runExport } = await import('./export.ts')
  return runExport(journalAt(undefined, variables), file)
}

async function migrateJournal({ words: [given], variables }: Given): Promise<Outcome> {
  const { runMigrateJournal } = await import('./move-journal.ts')
  return runMigrateJournal(journalFileAt(given, variables).file, variables)
}

async function prepareJournal({ role, variables }: Given): Promise<Outcome> {
  const { runPrepareJournal } = await import('./move-journal.ts')
  return runPrepareJournal(role, variables)
}
