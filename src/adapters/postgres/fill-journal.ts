import { Fault } from '../../domain/base/fault.ts'
import { NO_EVENT, type HashedRow } from '../../journal/chain.ts'
import type { JournalProof } from '../../journal/prove.ts'
import type { Holder } from '../../journal/write-append.ts'
import type { Head } from '../../ports/journal.ts'
import type { LedgerEntry } from '../../ports/release-ledger.ts'
import type { SecondFactorRows } from '../../ports/second-factor.ts'
import type { Session } from './connections.ts'
import { PUT_TEXT } from './kept-texts.ts'
import { grantsFor } from './layout.ts'
import { writingStates } from './ledger.ts'
import { openTables } from './open-tables.ts'
import { secondFactorRows } from './second-factor-rows.ts'
import type { JournalServer } from './server.ts'
import { beginWriting } from './transaction.ts'
import { writingHolds, writingRows } from './turn-store.ts'
import { proveRows } from './verify-journal.ts'

/** What is brought over. */
export type Source = {
  after(position: number): readonly HashedRow[]
  holds(): readonly (Holder & { readonly target: string })[]
  head(): Head
  /** What stands beside it; `null`: nobody signs without Slack. */
  readonly secondFactors: SecondFactorRows | null
  /** What hosts of containers have run. */
  readonly releases: readonly LedgerEntry[]
  /** What was found and told last, by name. */
  readonly texts: ReadonlyMap<string, string>
}

const FILL_MS = 3_600_000
const ASK_MS = 10_000

/** Writes all of a journal into an empty one, or nothing of it, and proves what is there then. */
export async function fillPostgresJournal(
  server: JournalServer,
  source: Source,
): Promise<JournalProof> {
  const connections = await openTables(server, ASK_MS)
  try {
    await connections.use(FILL_MS, async (session) => {
      await beginWriting(connections, session)
      await refuseFilled(session)
      const { position, hash } = await copy(session, source)
      const now = source.head()
      if (now.position !== position || now.hash !== hash) {
        throw refusal('something was written into the journal meanwhile; stop Backout first')
      }
      if (source.secondFactors) await copyPeople(session, source.secondFactors)
      const releases = writingStates(source.releases)
      await session.ask(releases.text, releases.values)
      await Promise.all([...source.texts].map((text) => session.ask(PUT_TEXT, text)))
      await session.commit()
    })
    return await proveRows(connections)
  } finally {
    await connections.close()
  }
}

async function copy(session: Session, source: Source): Promise<Head> {
  let last = NO_EVENT
  for (let rows = source.after(0); rows.length > 0; rows = source.after(last.position)) {
    // oxlint-disable-next-line no-await-in-loop -- one page after the other
    await Promise.all(writingRows(rows).map(({ text, values }) => session.ask(text, values)))
    last = rows.at(-1) ?? last
  }
  const held = source.holds().map(({ target, ...holder }) => [target, holder] as const)
  await Promise.all(writingHolds([], held).map(({ text, values }) => session.ask(text, values)))
  return { position: last.position, hash: last.hash }
}

/** With what keeps a code that has counted from counting again, and whoever is locked locked. */
async function copyPeople(session: Session, from: SecondFactorRows): Promise<void> {
  const to = secondFactorRows(session.ask)
  if ((await to.people()).length > 0) {
    throw refusal(`there are second factors on ${session.at} already`)
  }
  const proof = await from.proof()
  if (proof) await to.putProof(proof)
  for (const person of await from.people()) {
    const { user } = person.enrolment
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await to.putPerson(person)
    // oxlint-disable-next-line no-await-in-loop -- as above
    for (const atMs of await from.wrongSince(user, 0)) await to.addWrong(user, atMs)
  }
}

async function refuseFilled(session: Session): Promise<void> {
  const [row] = await session.ask('SELECT count(*)::int AS events FROM backout.events')
  const events = Number(row?.['events'])
  if (events === 0) return
  throw refusal(`the journal on ${session.at} is not empty: it has ${events} events already`)
}

/** Makes the tables, as whoever owns them, and lets a role use them that may not change an event. */
export async function preparePostgresJournal(server: JournalServer, role: string): Promise<void> {
  const connections = await openTables(server, ASK_MS)
  try {
    await connections.use(ASK_MS, async (session) => {
      const [quoted] = await session.ask('SELECT quote_ident($1) AS role', [role])
      await session.ask(`BEGIN; ${grantsFor(String(quoted?.['role']))}`)
      await session.commit()
    })
  } finally {
    await connections.close()
  }
}

function refusal(detail: string): Fault {
  return new Fault({ kind: 'terminal', dependency: 'journal', detail })
}
