import { Fault } from '../../domain/base/fault.ts'
import { NO_EVENT } from '../../journal/chain.ts'
import { writeAppend, type AskedAppend } from '../../journal/write-append.ts'
import type { Appended, Head } from '../../ports/journal.ts'
import type { Connections, Session } from './connections.ts'
import { untilAnswered } from './until-answered.ts'
import { foresee, writeForeseen, type Foreseen, type Seen } from './foreseen.ts'
import { readTurn } from './turn-store.ts'
import { beginWriting, touch } from './transaction.ts'

/** Slack waits three seconds for whoever has clicked. */
const WRITE_MS = 2_000
const LOOK_MS = 800

/** What one attempt has come to, as far as it came. `seen`: what is there where it has written. */
type Attempt = { outcomes: readonly Appended[]; seen: Seen | null }

export type TurnWriter = {
  /** Writes appends, all of them or none, and looks where it is not known whether it has. */
  write(asked: readonly AskedAppend[]): Promise<readonly Appended[]>
  /** Whether they would be written now; rejects with the `Fault` that they would meet. */
  check(): Promise<void>
}

export function turnWriter(connections: Connections): TurnWriter {
  /** With the last event that we were told is durable. It can only be gone where a failover has lost it. */
  let known: Seen | null = null
  const newest = (): Head => known?.newest ?? NO_EVENT

  async function attempt(
    asked: readonly AskedAppend[],
    withinMs: number,
    foreseen: Foreseen | null,
  ): Promise<Attempt> {
    const made: Attempt = { outcomes: [], seen: null }
    try {
      await connections.use(withinMs, async (session) => {
        if (foreseen && session.isOwn) {
          made.outcomes = foreseen.outcomes
          made.seen = foreseen.seen
          if (await writeForeseen({ connections, session }, foreseen)) return
        }
        await lookUp(session, asked, made)
      })
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'unknown-outcome') throw error
      // Targets are claimed and given back: doing it a second time changes nothing.
      if (!made.seen || !(await isThere(made.seen.newest, error))) throw notWritten(error)
    }
    return made
  }

  async function lookUp(
    session: Session,
    asked: readonly AskedAppend[],
    made: Attempt,
  ): Promise<void> {
    made.seen = null
    // Sent together, and answered in order: what is read is read with the lock.
    const begun = beginWriting(connections, session)
    const reading = readTurn(session, asked, newest())
    reading.catch(() => 'because of what comes before it')
    const mark = await begun
    const store = await reading
    if (!store.keeps) throw historyLost(session.at, newest())
    made.outcomes = asked.map((one) => writeAppend(store, one))
    if (!store.isChanged()) {
      await session.ask('ROLLBACK')
      return
    }
    const written = store.rows.at(-1)
    made.seen = written ? { newest: written, mark } : null
    await session.commit(store.writes())
  }

  /** Once we have the lock, whoever has written is at its end: its event is there, or never will be. */
  async function isThere({ position, hash }: Head, before: Fault): Promise<boolean> {
    const look = (withinMs: number) =>
      connections.use(withinMs, async (session) => {
        await beginWriting(connections, session)
        const where = 'SELECT 1 FROM backout.events WHERE position = $1 AND hash = $2'
        const found = await session.ask(where, [position, hash])
        // It may be there, and on no standby yet: this commit waits for both.
        await touch(session)
        await session.commit()
        return found.length > 0
      })
    try {
      return await untilAnswered(LOOK_MS, look)
    } catch {
      throw before
    }
  }

  return {
    async write(asked) {
      // Once only: what waits in vain is to end before it is on its way to be committed.
      let foreseen = foresee(asked, known)
      const { outcomes, seen } = await untilAnswered(WRITE_MS, (withinMs) => {
        const once = foreseen
        foreseen = null
        return attempt(asked, withinMs, once)
      })
      known = seen ?? known
      return outcomes
    },
    async check() {
      await untilAnswered(WRITE_MS, (withinMs) =>
        connections.use(withinMs, async (session) => {
          await beginWriting(connections, session)
          const { keeps } = await readTurn(session, [], newest())
          if (!keeps) throw historyLost(session.at, newest())
          await touch(session)
          await session.commit()
        }),
      )
    },
  }
}

function notWritten({ detail, code, cause }: Fault): Fault {
  const looked = `${detail.replace(/, and whether it was written is not known$/, '')}, and it was not written`
  return new Fault({ kind: 'retryable', dependency: 'journal', detail: looked, code, cause })
}

/** Said again at each append, until somebody starts Backout anew: what it remembers is not what is there. */
function historyLost(at: string, { position }: Head): Fault {
  const detail = `the journal on ${at} has lost what was written: event ${position}, which was confirmed, is not there any more, as after a failover to a standby that did not have it. Look at production, and start Backout again`
  return new Fault({ kind: 'terminal', dependency: 'journal', detail, code: 'history-lost' })
}
