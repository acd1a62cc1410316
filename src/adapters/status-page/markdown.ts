import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import { diskTrouble, type DiskTrouble } from '../../domain/base/disk-trouble.ts'
import { Fault } from '../../domain/base/fault.ts'
import { codeOf } from '../../domain/base/network-trouble.ts'
import type { StatusReceipt } from '../../domain/outbox/status-post.ts'
import type { StatusPages, StatusUpdate } from '../../ports/status-pages.ts'
import { readMarkdown, withUpdate, type MarkdownFile } from './markdown-file.ts'

const DEPENDENCY = 'status page'
const PARTIAL = '.partial'

/** Nobody writes one file for so long. */
const LEFTOVER_MS = 10 * 60_000

/** Ours are letters, digits and dashes; nothing else becomes the name of a file. */
const SAFE = /^[A-Za-z0-9][\w-]{0,63}$/

/**
 * One Markdown file for each incident, in a folder that a static site or a Git repository takes them from.
 * A file is replaced whole or not at all.
 */
export function markdownFolder(options: {
  readonly folder: string
  /** Where people read it; `{incident}` is put in. */
  readonly link: string | null
  readonly now: () => number
}): StatusPages {
  const { folder, link, now } = options

  function receiptOf(update: StatusUpdate): StatusReceipt {
    return {
      id: nameOf(update),
      link: link === null ? null : link.replaceAll('{incident}', update.incident),
      at: new Date(now()).toISOString(),
    }
  }

  async function read(name: string): Promise<MarkdownFile | null> {
    const text = await readFile(join(folder, name), 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return null
      throw fileFault(error)
    })
    if (text === null) return null
    const file = readMarkdown(text)
    if (file) return file
    const detail = `${name} is not as Backout wrote it, and is left alone`
    throw new Fault({ kind: 'terminal', dependency: DEPENDENCY, detail })
  }

  return {
    async publish(update) {
      const name = nameOf(update)
      const before = await read(name)
      if (before?.posts.includes(update.key)) return receiptOf(update)
      const at = new Date(now()).toISOString()
      try {
        await mkdir(folder, { recursive: true })
        await writeWhole(folder, name, withUpdate(before, update, at))
        await removeLeftovers(folder, name, now()).catch(() => undefined)
      } catch (error) {
        throw fileFault(error)
      }
      return receiptOf(update)
    },
    async find(update) {
      const file = await read(nameOf(update))
      return file?.posts.includes(update.key) ? receiptOf(update) : null
    },
    check: () => checkFolder(folder),
  }
}

function nameOf({ incident }: StatusUpdate): string {
  if (SAFE.test(incident)) return `${incident}.md`
  throw new Fault({
    kind: 'terminal',
    dependency: DEPENDENCY,
    detail: 'the incident has a name that no file may have',
  })
}

let written = 0

/** Under a hidden name of its own until it is on the disk: two that write at once write two whole files. */
async function writeWhole(folder: string, name: string, text: string): Promise<void> {
  written += 1
  const partial = join(folder, `.${name}.${process.pid}-${written}${PARTIAL}`)
  try {
    await writeFile(partial, text, { mode: 0o644, flush: true })
    await rename(partial, join(folder, name))
  } catch (error) {
    await rm(partial, { force: true }).catch(() => undefined)
    throw error
  }
}

/** What a process left that was killed while it wrote. */
async function removeLeftovers(folder: string, name: string, nowMs: number): Promise<void> {
  const names = (await readdir(folder)).filter(
    (one) => one.startsWith(`.${name}.`) && one.endsWith(PARTIAL),
  )
  for (const path of names.map((one) => join(folder, one))) {
    // oxlint-disable-next-line no-await-in-loop -- there is hardly ever one
    const { mtimeMs } = await stat(path)
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (nowMs - mtimeMs > LEFTOVER_MS) await rm(path, { force: true })
  }
}

async function checkFolder(folder: string): Promise<readonly Check[]> {
  const tried = 'folder'
  const probe = '.backout-doctor'
  try {
    await mkdir(folder, { recursive: true })
    await writeWhole(folder, probe, '')
    await rm(join(folder, probe), { force: true })
    return [ok(DEPENDENCY, tried, 'files can be written there')]
  } catch (error) {
    const todo = 'give Backout the right to write to communication.statusPage.folder'
    return [wrong(DEPENDENCY, tried, fileFault(error).detail, todo)]
  }
}

const forbidden: DiskTrouble = { kind: 'terminal', words: 'it may not be written there' }

const OWN: Readonly<Record<string, DiskTrouble>> = {
  EACCES: forbidden,
  EPERM: forbidden,
  EEXIST: { kind: 'terminal', words: 'a file is where a folder is needed' },
  EISDIR: { kind: 'terminal', words: 'a folder is where a file is needed' },
}

/** In words only: paths of this machine say nothing to those who read them in Slack. */
function fileFault(error: unknown): Fault {
  if (error instanceof Fault) return error
  const code = codeOf(error) ?? '?'
  const unknown: DiskTrouble = {
    kind: 'terminal',
    words: `the file could not be written (${code})`,
  }
  const { kind, words } = OWN[code] ?? diskTrouble(code) ?? unknown
  return new Fault({ kind, dependency: DEPENDENCY, detail: words, code, cause: error })
}
