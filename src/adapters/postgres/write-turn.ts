import { Fault } from '../../domain/base/fault.ts'
import { NO_EVENT } from '../../journal/chain.ts'
import { writeAppend, type AskedAppend } from '../../journal/write-append.ts'
import type { Appended, Head } from '../../ports/journal.ts'
import type { Connections } from './connections.ts'
import { untilAnswered } from './until-answered.ts'
import { readTurn } from './turn-store.ts'
import { beginWriting, touch } from './transaction.ts'

/** Slack waits three seconds for whoever has clicked. */
const WRITE_MS = 2_000
const LOOK_MS = 800

/** What one attempt has come to, as far as it came. */
type Attempt = { outcomes: readonly Appended[]; head: Head | null }

export type TurnWriter = {
  /** Writes appends, all of them or none, and looks where it is not known whether it has. */
  write(asked: readonly AskedAppend[]): Promise<readonly Appended[]>
  /** Whether they would be written now; rejects with the `Fault` that they would meet. */
  check(): Promise<void>
}

export function turnWriter(connections: Connections): TurnWriter {
  /** The last event that we were told is durable. It can only be gone where a failover has lost it. */
  let known = NO_EVENT

  async function attempt(asked: readonly AskedAppend[], withinMs: number): Promise<Attempt> {
    const made: Attempt = { outcomes: [], head: null }
    try {
      await connections.use(withinMs, async (session) => {
        // Sent together, and answered in order: what is read is read with the lock.
        const begun = beginWriting(connections, session)
        const reading = readTurn(session, asked, known)
        reading.catch(() => 'because of what comes before it')
        await begun
        const store = await reading
        if (!store.keeps) throw historyLost(session.at, known)
        made.outcomes = asked.map((one) => writeAppend(store, one))
        if (!store.isChanged()) {
          await session.ask('ROLLBACK')
          return
        }
        made.head = store.rows.at(-1) ?? null
        await session.commit(store.writes())
      })
    } catch (error) {
      if (!(error instanceof Fault) || error.kind !== 'unknown-outcome') throw error
      // Targets are claimed and given back: doing it a second time changes nothing.
      if (made.head === null || !(await isThere(made.head, error))) throw notWritten(error)
    }
    return made
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
      const { outcomes, head } = await untilAnswered(WRITE_MS, (withinMs) =>
        attempt(asked, withinMs),
      )
      known = head ?? known
      return outcomes
    },
    async check() {
      await untilAnswered(WRITE_MS, (withinMs) =>
        connections.use(withinMs, async (session) => {
          await beginWriting(connections, session)
          const { keeps } = await readTurn(session, [], known)
          if (!keeps) throw historyLost(session.at, known)
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
