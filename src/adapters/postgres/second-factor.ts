import type { SecondFactorPlace } from '../../ports/second-factor.ts'
import { asking, openTables } from './open-tables.ts'
import { secondFactorRows } from './second-factor-rows.ts'
import type { JournalServer } from './server.ts'
import { beginAlone } from './transaction.ts'
import { untilAnswered } from './until-answered.ts'

const ASK_MS = 2_000

/** Second factors beside the journal, for all processes on it, and no part of it. */
export async function openPostgresSecondFactor(server: JournalServer): Promise<SecondFactorPlace> {
  const connections = await openTables(server, ASK_MS)
  const each = secondFactorRows(asking(connections, ASK_MS))
  return {
    each: (run) => run(each),
    whole: (run) =>
      untilAnswered(ASK_MS, (withinMs) =>
        connections.use(withinMs, async (session) => {
          await beginAlone('second factors', { connections, session })
          const result = await run(secondFactorRows(session.ask))
          await session.commit()
          return result
        }),
      ),
    close: () => connections.close(),
  }
}
