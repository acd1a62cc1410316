import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import {
  fillPostgresJournal,
  preparePostgresJournal,
} from '../../adapters/postgres/fill-journal.ts'
import { keptTexts } from '../../adapters/files/kept-texts.ts'
import { ledgerFile } from '../../adapters/sqlite/ledger-file.ts'
import { readLedger } from '../../adapters/sqlite/read-ledger.ts'
import { readRows } from '../../adapters/sqlite/read-rows.ts'
import { readSecondFactorFile } from '../../adapters/second-factor/file.ts'
import { verifyJournal } from '../../adapters/sqlite/verify-journal.ts'
import { journalPlaceIn, secondFactorFile, type ServerPlace } from '../../config/journal-place.ts'
import { WrongConfiguration } from '../../config/problem.ts'
import type { SecondFactorRows } from '../../ports/second-factor.ts'

type Done = { readonly output: string; readonly exitCode: number }

/** Brings the journal of a file into the empty one on the server. The file stays as it is. */
export async function runMigrateJournal(file: string, variables: NodeJS.ProcessEnv): Promise<Done> {
  const server = serverOf('migrate-journal', variables)
  const before = verifyJournal(file)
  if (before.kind === 'broken') {
    const { position, incident, what } = before
    return failed(`${file} is broken at event ${position} (incident ${incident}): ${what}.`)
  }
  const folder = dirname(file)
  const people = secondFactorFile(folder)
  const ledger = ledgerFile(folder)
  const releases = existsSync(ledger) ? readLedger(ledger) : []
  const texts = await textsIn(folder)
  const source = readRows(file)
  try {
    const after = await withSecondFactors(people, (secondFactors) =>
      fillPostgresJournal(server, { ...source, secondFactors, releases, texts }),
    )
    if (after.kind === 'broken' || after.head !== before.head) {
      return failed('What is on the server is not what is in the file. Empty it, and try again.')
    }
    const { events, head } = after
    const left = [file, ...[people, ledger].filter((one) => existsSync(one))]
    const output = `Brought over and proved: ${events} events, head ${head}.\n${leftAsItWas(left)}`
    return { output, exitCode: 0 }
  } finally {
    source.close()
  }
}

/** What Backout found and told last, as far as it is there. */
async function textsIn(folder: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const [name, place] of [
    ['readiness', folder],
    ['rehearsals', folder],
    ['drills', join(folder, 'drills')],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- three small files
    const text = await keptTexts(place).read(name)
    if (text !== null) found.set(name, text)
  }
  return found
}

/** Those of the same folder. The key is not asked for: they stay sealed. */
async function withSecondFactors<Result>(
  file: string,
  run: (rows: SecondFactorRows | null) => Promise<Result>,
): Promise<Result> {
  if (!existsSync(file)) return run(null)
  const place = await readSecondFactorFile(file)
  try {
    return await place.each(run)
  } finally {
    await place.close()
  }
}

/** Makes the tables on the server, for a role that may do no more than it needs. */
export async function runPrepareJournal(
  role: string | undefined,
  variables: NodeJS.ProcessEnv,
): Promise<Done> {
  const server = serverOf('prepare-journal', variables)
  if (role === undefined) return failed('prepare-journal: for which --role?')
  await preparePostgresJournal(server, role)
  const output = `The journal's tables are there, and ${role} may use them: it can add events, and change or remove none. Second factors, releases and what people were told have tables of their own.`
  return { output, exitCode: 0 }
}

function serverOf(command: string, variables: NodeJS.ProcessEnv): ServerPlace {
  const place = journalPlaceIn(variables)
  if (place.kind === 'server') return place.server
  const what = `BACKOUT_DATABASE_URL is missing: ${command} writes there`
  throw new WrongConfiguration([{ where: 'environment', what }])
}

/** Whoever starts without the address would go on with it. */
function leftAsItWas(files: readonly string[]): string {
  const [is, it] = files.length > 1 ? ['are as they were', 'them'] : ['is as it was', 'it']
  return `${files.join(' and ')} ${is}; move ${it} away, so that nobody goes on with ${it}.`
}

function failed(output: string): Done {
  return { output, exitCode: 1 }
}
