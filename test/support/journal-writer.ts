import { DatabaseSync } from 'node:sqlite'
import { rmSync, writeFileSync, writeSync } from 'node:fs'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { Fault } from '../../src/domain/base/fault.ts'
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
  // Held on to: a database that nobody can reach is closed, and its lock is gone.
  setInterval(() => database.isOpen, 60_000)
}

function appendOnce(): void {
  const journal = open()
  say(`opened ${journal.read('i-1').length}`)
  journal.append('i-1', journal.read('i-1').length, [requested])
  say('appended')
}

/** On a disk that is nearly full, and seen by nobody else: so what is left there is told, too. */
function fillTheDisk(): void {
  const ballast = `${file}.ballast`
  writeFileSync(ballast, Buffer.alloc(64 * 1024))
  const journal = open()
  let answered = 0
  const append = () => {
    journal.append('killed', answered, [answered === 0 ? opened : requested])
    answered += 1
  }
  const untilItFails = (run: () => void) => {
    for (;;) run()
  }
  tell(faultOf(() => untilItFails(append)))
  tell({ answered, read: journal.read('killed').length, proof: verifyJournal(file).kind })
  rmSync(ballast)
  append()
  journal.check()
  journal.close()
  tell({ answered, read: open().read('killed').length, proof: verifyJournal(file).kind })
}

function tell(what: unknown): void {
  if (!(what instanceof Fault)) return say(JSON.stringify(what))
  const { kind, dependency, detail, code } = what
  say(JSON.stringify({ kind, dependency, detail, code }))
}

function faultOf(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  return new Error('nothing failed')
}

function check(): void {
  open().check()
  say('writable')
}

const tasks: Record<string, () => void> = {
  'append-until-stopped': () => appendUntilStopped('killed'),
  'append-once': appendOnce,
  'fill-the-disk': fillTheDisk,
  race,
  'hold-the-lock': holdTheLock,
  check,
}

try {
  tasks[task]?.()
} catch (error) {
  if (!(error instanceof Fault)) throw error
  tell(error)
  process.exitCode = 3
}
