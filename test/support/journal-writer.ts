import { DatabaseSync } from 'node:sqlite'
import { rmSync, writeFileSync, writeSync } from 'node:fs'
import { sqliteJournal } from '../../src/adapters/sqlite/journal.ts'
import { sqliteLedger } from '../../src/adapters/sqlite/ledger.ts'
import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Journal } from '../../src/ports/journal.ts'
import { opened, requested, taken } from './builders.ts'
import { entry } from './ledger.ts'

/* The other process of the journal's tests: `node journal-writer.ts <task> <file>`. */

const [task = '', file = ''] = process.argv.slice(2)

/** Straight to the pipe: nothing of it is lost when we are killed. */
function say(words: string): void {
  writeSync(1, `${words}\n`)
}

function open() {
  return sqliteJournal({ file, clock: { now: Date.now } })
}

async function appendUntilStopped(incident: string): Promise<void> {
  const journal = open()
  for (let seen = (await journal.read(incident)).length; ;) {
    const events = seen === 0 ? [opened, requested] : [taken, requested]
    const delivery = `${incident}-${seen}`
    const { kind } = await journal.append({ incident, seen, events, delivery })
    if (kind !== 'appended') throw new Error(`the append ended in ${kind}`)
    seen += events.length
    say(String(seen))
  }
}

/** Several of these share an incident. Whoever loses reads again, and so does who was told to come back later. */
async function race(): Promise<void> {
  const journal = open()
  for (let mine = 0; mine < 50;) {
    const told = await turn(journal).catch((error: unknown) => error)
    if (told === 'appended') mine += 1
    else if (told instanceof Error && !isForLater(told)) throw told
  }
  say('50')
}

function isForLater(error: Error): boolean {
  return error instanceof Fault && error.kind === 'retryable'
}

async function turn(journal: Journal): Promise<string> {
  const seen = (await journal.read('shared')).length
  const events = [seen === 0 ? opened : requested]
  return (await journal.append({ incident: 'shared', seen, events })).kind
}

function holdTheLock(): void {
  const database = new DatabaseSync(file)
  database.exec('BEGIN IMMEDIATE')
  say('locked')
  // Held on to: a database that nobody can reach is closed, and its lock is gone.
  setInterval(() => database.isOpen, 60_000)
}

async function appendOnce(): Promise<void> {
  const journal = open()
  say(`opened ${(await journal.read('i-1')).length}`)
  await journal.append({ incident: 'i-1', seen: 'any', events: [requested] })
  say('appended')
}

/** On a disk that is nearly full, and seen by nobody else: so what is left there is told, too. */
async function fillTheDisk(): Promise<void> {
  const ballast = `${file}.ballast`
  writeFileSync(ballast, Buffer.alloc(64 * 1024))
  const journal = open()
  let answered = 0
  const append = async () => {
    const events = [answered === 0 ? opened : requested]
    await journal.append({ incident: 'killed', seen: answered, events })
    answered += 1
  }
  const untilItFails = async () => {
    for (;;) await append()
  }
  tell(await faultOf(untilItFails))
  tell(await together(journal))
  const read = async (from: Journal) => (await from.read('killed')).length
  tell({ answered, read: await read(journal), proof: verifyJournal(file).kind })
  rmSync(ballast)
  await append()
  await journal.check()
  journal.close()
  tell({ answered, read: await read(open()), proof: verifyJournal(file).kind })
}

/** The same disk, and the ledger of releases on it. */
async function fillTheLedger(): Promise<void> {
  const ballast = `${file}.ballast`
  writeFileSync(ballast, Buffer.alloc(64 * 1024))
  const ledger = sqliteLedger({ file })
  let kept = 0
  const put = async () => {
    await ledger.put([entry({ service: `service-${kept}` })])
    kept += 1
  }
  const untilItFails = async () => {
    for (;;) await put()
  }
  const services = Array.from({ length: 10_000 }, (_, n) => `service-${n}`)
  tell(await faultOf(untilItFails))
  tell({ kept, read: (await ledger.entries(services)).length })
  rmSync(ballast)
  await put()
  await ledger.check()
  tell({ kept, read: (await ledger.entries(services)).length })
}

async function checkTheLedger(): Promise<void> {
  await sqliteLedger({ file }).check()
  say('writable')
}

/** What two are told that would be written together. */
async function together(journal: Journal): Promise<unknown> {
  // More than the room that the last append may have left.
  const events = Array.from({ length: 200 }, () => taken)
  const told = await Promise.all(
    ['together-1', 'together-2'].map((incident) =>
      faultOf(() => journal.append({ incident, seen: 0, events })),
    ),
  )
  const left = [...(await journal.read('together-1')), ...(await journal.read('together-2'))]
  return { alike: told[0] === told[1], fault: told[0] instanceof Fault, left: left.length }
}

function tell(what: unknown): void {
  if (!(what instanceof Fault)) return say(JSON.stringify(what))
  const { kind, dependency, detail, code } = what
  say(JSON.stringify({ kind, dependency, detail, code }))
}

async function faultOf(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run()
  } catch (error) {
    return error
  }
  return new Error('nothing failed')
}

async function check(): Promise<void> {
  await open().check()
  say('writable')
}

const tasks: Record<string, () => void | Promise<void>> = {
  'append-until-stopped': () => appendUntilStopped('killed'),
  'append-once': appendOnce,
  'fill-the-disk': fillTheDisk,
  race,
  'fill-the-ledger': fillTheLedger,
  'check-the-ledger': checkTheLedger,
  'hold-the-lock': holdTheLock,
  check,
}

try {
  await tasks[task]?.()
} catch (error) {
  if (!(error instanceof Fault)) throw error
  tell(error)
  process.exitCode = 3
}
