import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { JournalSubject } from './contracts/journal.ts'
import { atMs, closed, declared, opened, requested, taken } from './builders.ts'

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'backout-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function openJournal(file: string, now: () => number = () => atMs) {
  const journal = sqliteJournal({ file, clock: { now } })
  onTestFinished(() => journal.close())
  return journal
}

/** For the contract of every journal. */
export const sqliteSubject: JournalSubject = {
  async start() {
    const file = join(temporaryFolder(), 'journal.sqlite')
    return {
      journal: openJournal(file),
      connect: async (now) => openJournal(file, now),
      failOn: async (incident) => {
        const fails = "BEGIN SELECT RAISE(ABORT, 'as on a disk that fails'); END"
        change(
          file,
          `CREATE TRIGGER failing BEFORE INSERT ON events WHEN new.incident = '${incident}' ${fails}`,
        )
      },
      mend: async () => change(file, 'DROP TRIGGER failing'),
      spoil: async (incident, sequence) =>
        change(
          file,
          `UPDATE events SET body = '{' WHERE incident = '${incident}' AND sequence = ${sequence}`,
        ),
    }
  },
}

/** What somebody does who can write to the file. */
function change(file: string, sql: string): void {
  using database = new DatabaseSync(file)
  database.exec(sql)
}

/** Two incidents' events, interleaved, with everything a row can hold. */
export async function filledJournal(file: string): Promise<void> {
  const journal = openJournal(file)
  const received: Event = {
    type: 'intent-received',
    received: {
      delivery: 'd-1',
      by: 'U0ÄNÄ 🚒',
      place: { channel: 'C0INCIDENTS', thread: '1.2' },
      card: null,
      intent: { kind: 'assess', symptoms: [] },
    },
  }
  const accepted: Event = { type: 'intent-accepted', delivery: 'd-1' }
  await Promise.all([
    journal.append({ incident: 'i-1', seen: 0, events: [received], delivery: 'd-1' }),
    journal.append({ incident: 'i-2', seen: 0, events: [opened, requested], delivery: 'd-2' }),
    journal.append({ incident: 'i-1', seen: 1, events: [accepted, opened, declared] }),
    journal.append({ incident: 'i-2', seen: 2, events: [taken] }),
    journal.append({ incident: 'i-1', seen: 4, events: [closed] }),
  ])
  journal.close()
}

/** What is thrown at once or later. */
export async function faultOf(run: () => unknown): Promise<Fault> {
  try {
    await run()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('expected a Fault')
}

export type Child = {
  readonly kill: (signal: NodeJS.Signals) => void
  /** The next line it says. */
  readonly line: () => Promise<string>
  /** Everything it said, when it is gone. */
  readonly ended: Promise<{ readonly said: string; readonly complained: string }>
}

const writer = fileURLToPath(import.meta.resolve('./journal-writer.ts'))

/**
 * Another process with the same journal. `under` is what it is started by: a shell that limits it,
 * a user who may do less.
 */
export function anotherProcess(
  task: string,
  file: string,
  under: { readonly shell?: string; readonly uid?: number } = {},
): Child {
  const command = [process.execPath, writer, task, file]
  const quoted = command.map((word) => `'${word}'`).join(' ')
  const [program = '', ...args] =
    under.shell === undefined ? command : ['sh', '-c', under.shell.replace('NODE', quoted)]
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(under.uid === undefined ? {} : { uid: under.uid, gid: under.uid }),
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  let heard = 0
  const waiting: (() => void)[] = []
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    said += chunk
    for (const resolve of waiting.splice(0)) resolve()
  })
  const complained = text(child.stderr)
  const ended = new Promise<{ said: string; complained: string }>((resolve) => {
    child.once('close', () => {
      for (const wake of waiting.splice(0)) wake()
      void complained.then((words) => resolve({ said, complained: words }))
    })
  })
  return {
    kill: (signal) => void child.kill(signal),
    async line() {
      for (;;) {
        const lines = said.split('\n')
        const next = lines[heard]
        if (heard < lines.length - 1 && next !== undefined) {
          heard += 1
          return next
        }
        if (child.exitCode !== null || child.signalCode !== null) {
          throw new Error(`it said no more, but: ${await complained}`)
        }
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
    },
    ended,
  }
}
