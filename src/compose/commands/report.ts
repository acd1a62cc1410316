import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { evidenceFolderAt, newFile } from '../../adapters/files/evidence-files.ts'
import { readIncident } from '../../adapters/sqlite/read-incident.ts'
import { reportContents } from '../../chat/report/incident-report.ts'
import { asMarkdown } from '../../chat/report/markdown.ts'
import { asPage } from '../../chat/report/page.ts'
import { foldIncident } from '../../domain/incident/fold.ts'
import { reportFiles } from '../report-files.ts'

export type ReportWish = {
  readonly incident: string
  readonly journal: string
  /** Where to write it: a Markdown file, or a page where it ends in .html. `null`: print it. */
  readonly file: string | null
  /** Where to write the whole folder of the incident. */
  readonly folder: string | null
}

type Done = { readonly output: string; readonly exitCode: number }

/** The report of one incident. Throws a `Fault` when the journal cannot be read or the disk takes nothing. */
export async function runReport({
  incident: id,
  journal,
  file,
  folder,
}: ReportWish): Promise<Done> {
  const events = readIncident(journal, id)
  if (events.length === 0) return refused(`There is no incident ${id} in ${journal}.`)
  const incident = foldIncident(id, events)
  const contents = reportContents(incident)
  if (folder !== null) {
    const at = new Date().toISOString()
    // People write into a report: what is there is theirs.
    if (existsSync(folder)) return refused(`${folder} is there already. Name a folder that is new.`)
    const into = await evidenceFolderAt(folder, { incident: id, at })
    const kept = []
    for (const { name, text } of reportFiles(incident, events)) {
      kept.push(await into.keep(name, text(), UNLIMITED))
    }
    await into.finish(kept)
    const parts = kept.filter(({ skipped }) => skipped !== null)
    const notWhole = parts.map(({ name, skipped }) => `\n${name} is not whole: ${skipped ?? ''}`)
    return {
      output: `Written to ${folder}.${notWhole.join('')}`,
      exitCode: parts.length > 0 ? 1 : 0,
    }
  }
  if (file === null) return { output: asMarkdown(contents), exitCode: 0 }
  const ending = extname(file).toLowerCase()
  if (ending !== '.md' && ending !== '.html') {
    return refused(`A report is a .md or a .html file, and ${file} is neither.`)
  }
  if (existsSync(file)) return refused(`${file} is there already. Name a file that is new.`)
  await newFile(file, ending === '.html' ? asPage(contents) : `${asMarkdown(contents)}\n`)
  return { output: `Written to ${join(file)}.`, exitCode: 0 }
}

const UNLIMITED = { maxBytes: Infinity, signal: new AbortController().signal }

function refused(output: string): Done {
  return { output, exitCode: 1 }
}
