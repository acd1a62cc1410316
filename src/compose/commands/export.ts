import { createWriteStream, existsSync } from 'node:fs'
import { extname } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { JournalPlace } from '../../config/journal-place.ts'
import { asJsonLines, asTable } from '../exported-journal.ts'
import { journalRows } from '../journal-rows.ts'

type Done = { readonly output: string; readonly exitCode: number }

const FORMATS = { '.jsonl': asJsonLines, '.csv': asTable } as const

/** Writes a copy of the whole journal into a new file, for its owner only. Throws a `Fault` when it cannot be read. */
export async function runExport(place: JournalPlace, file: string | undefined): Promise<Done> {
  if (file === undefined) return refused('export: into which file?')
  const format = formatOf(file)
  if (!format)
    return refused(`A copy of the journal is a .jsonl or a .csv file, and ${file} is neither.`)
  if (existsSync(file)) return refused(`${file} is there already. Name a file that is new.`)
  const into = createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true })
  await pipeline(Readable.from(format(journalRows(place))), into)
  const how =
    format === asJsonLines
      ? `Prove it with verify-journal ${file}. It holds what people typed as they typed it: keep it as you keep the journal.`
      : 'What looks like a credential is hidden in it. To prove a copy, export it as .jsonl.'
  return { output: `Written to ${file}. ${how}`, exitCode: 0 }
}

function formatOf(file: string): (typeof FORMATS)[keyof typeof FORMATS] | null {
  const ending = extname(file).toLowerCase()
  return ending === '.jsonl' || ending === '.csv' ? FORMATS[ending] : null
}

function refused(output: string): Done {
  return { output, exitCode: 1 }
}
