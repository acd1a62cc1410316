import { DatabaseSync } from 'node:sqlite'
import { writeSync } from 'node:fs'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { Fault } from '../../src/domain/fault.ts'
import { opened, requested, taken } from './builders.ts'

/* The other process of the journal's tests: `node journal-writer.ts <task> <file>`. */

const [task = '', file = ''] = process.argv.slice(2)

/** Straight to the pipe: nothing of it is lost when we are killed. */
function say(words: string): void {
  writeSync(1, `${words}\n`)
}

function open() {
  return sqliteJournal({ file, clock: { now: Date.now } })
}

function appendUntilStopped(incident: string): void {
  const journal = open()
  for (let seen = journal.read(incident).length; ;) {
    const events = seen === 0 ? [opened, requested] : [taken, requested]
    const { kind } = journal.append(incident, seen, events, { delivery: `${incident}-${seen}` })
    if (kind !== 'appended') throw new Error(`the append ended in ${kind}`)
    seen += events.length
    say(String(seen))
  }
}

/** Several of these share an incident, and whoever loses reads again. */
function race(): void {
  const journal = open()
  for (let mine = 0; mine < 50;) {
    const seen = journal.read('shared').length
    const { kind } = journal.append('shared', seen, seen === 0 ? [opened] : [requested])
    if (kind === 'appended') mine += 1
  }
  say('50')
}

function holdTheLock(): void {
  const database = new DatabaseSync(file)
  database.exec('BEGIN IMMEDIATE')
  say('locked')
  setInterval(() => undefined, 60_000)
}

function appendOnce(): void {
  const journal = open()
  say(`opened ${journal.read('i-1').length}`)
  journal.append('i-1', journal.read('i-1').length, [requested])
  say('appended')
}

function check(): void {
  open().check()
  say('writable')
}

const tasks: Record<string, () => void> = {
  'append-until-stopped': () => appendUntilStopped('killed'),
  'append-once': appendOnce,
  race,
  'hold-the-lock': holdTheLock,
  check,
}

try {
  tasks[task]?.()
} catch (error) {
  if (!(error instanceof Fault)) throw error
  const { kind, dependency, detail, code } = error
  say(JSON.stringify({ kind, dependency, detail, code }))
  process.exitCode = 3
}
