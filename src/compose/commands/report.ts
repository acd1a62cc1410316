import { existsSync } from 'node:fs'
import { extname, join } from 'node:path'
import { evidenceFolderAt, newFile } from '../../adapters/files/evidence-files.ts'
import { reportContents } from '../../chat/report/incident-report.ts'
import { asMarkdown } from '../../chat/report/markdown.ts'
import { asPage } from '../../chat/report/page.ts'
import type { JournalPlace } from '../../config/journal-place.ts'
import type { Config } from '../../config/load-config.ts'
import { WrongConfiguration } from '../../config/problem.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { JournaledEvent } from '../../domain/incident/event.ts'
import { foldIncident } from '../../domain/incident/fold.ts'
import type { Incident } from '../../domain/incident/incident.ts'
import { keepReport } from '../keep-report.ts'
import type { Picture } from '../picture-of.ts'

export type ReportWish = {
  readonly incident: string
  readonly journal: JournalPlace
  /** Where to write it: a Markdown file, or a page where it ends in .html. `null`: print it. */
  readonly file: string | null
  /** Where to write the whole folder of the incident. */
  readonly folder: string | null
  /** How the numbers of a picture are read; `null`: none is drawn. */
  readonly config: (() => Config) | null
}

type Done = { readonly output: string; readonly exitCode: number }

/** The report of one incident. Throws a `Fault` when the journal cannot be read or the disk takes nothing. */
export async function runReport({
  incident: id,
  journal,
  file,
  folder,
  config,
}: ReportWish): Promise<Done> {
  const events = await readFrom(journal, id)
  if (events.length === 0) {
    const where = journal.kind === 'file' ? journal.file : 'the journal'
    return refused(`There is no incident ${id} in ${where}.`)
  }
  const incident = foldIncident(id, events)
  if (folder !== null) return wholeFolder(folder, { incident, events }, config)
  const contents = reportContents(incident)
  if (file === null) return { output: asMarkdown(contents), exitCode: 0 }
  const ending = extname(file).toLowerCase()
  if (ending !== '.md' && ending !== '.html') {
    return refused(`A report is a .md or a .html file, and ${file} is neither.`)
  }
  if (existsSync(file)) return refused(`${file} is there already. Name a file that is new.`)
  await newFile(file, ending === '.html' ? asPage(contents) : `${asMarkdown(contents)}\n`)
  return { output: `Written to ${join(file)}.`, exitCode: 0 }
}

async function readFrom(place: JournalPlace, id: string): Promise<readonly JournaledEvent[]> {
  if (place.kind === 'file') {
    const { readIncident } = await import('../../adapters/sqlite/read-incident.ts')
    return readIncident(place.file, id)
  }
  const { readPostgresIncident } = await import('../../adapters/postgres/verify-journal.ts')
  return readPostgresIncident(place.server, id)
}

/** Somebody waits for the command. */
const PICTURE_MS = 10_000
const UNLIMITED = { maxBytes: Infinity, signal: new AbortController().signal }

async function wholeFolder(
  folder: string,
  of: { readonly incident: Incident; readonly events: readonly JournaledEvent[] },
  config: (() => Config) | null,
): Promise<Done> {
  const at = new Date().toISOString()
  // People write into a report: what is there is theirs.
  if (existsSync(folder)) return refused(`${folder} is there already. Name a folder that is new.`)
  const into = await evidenceFolderAt(folder, { incident: of.incident.id, at })
  const draw = async (signal: AbortSignal) => config && drawn(of.incident, config, signal)
  const limits = { ...UNLIMITED, pictureMs: PICTURE_MS }
  const { files, picture } = await keepReport(into, of, draw, limits)
  await into.finish(picture ? [...files, picture] : files)
  const parts = files.filter(({ skipped }) => skipped !== null)
  const notWhole = parts.map(({ name, skipped }) => `\n${name} is not whole: ${skipped ?? ''}`)
  const none = picture && picture.skipped !== null ? `\nNo picture: ${picture.skipped}.` : ''
  return {
    output: `Written to ${folder}.${notWhole.join('')}${none}`,
    exitCode: parts.length > 0 ? 1 : 0,
  }
}

async function drawn(
  incident: Incident,
  config: () => Config,
  signal: AbortSignal,
): Promise<Picture | null> {
  const [{ openMetrics }, { pictureOf }, { slowestScrapeMs }] = await Promise.all([
    import('../open-world.ts'),
    import('../picture-of.ts'),
    import('../../assess/slowest-scrape.ts'),
  ])
  const read = readConfig(config)
  const metrics = await openMetrics(read)
  const readScrape = () => slowestScrapeMs(metrics, signal)
  const production = { world: { metrics }, readScrape }
  return pictureOf(
    incident,
    { production, settings: read.assess.metrics, nowMs: Date.now() },
    signal,
  )
}

/** What is wrong in it keeps nobody from a report. */
function readConfig(config: () => Config): Config {
  try {
    return config()
  } catch (error) {
    if (!(error instanceof WrongConfiguration)) throw error
    const detail = 'the configuration is wrong; check-config says where'
    throw new Fault({ kind: 'terminal', dependency: 'settings', detail, cause: error })
  }
}

function refused(output: string): Done {
  return { output, exitCode: 1 }
}
