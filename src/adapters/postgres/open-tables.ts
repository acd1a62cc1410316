import { openConnections, type Connections, type Session } from './connections.ts'
import { migrate } from './layout.ts'
import { refuseUnsafe } from './safety.ts'
import type { JournalServer } from './server.ts'
import { untilAnswered } from './until-answered.ts'

/** Connections to a server that keeps what it confirms, with all tables there. Throws the `Fault` that keeps it from being used. */
export async function openTables(server: JournalServer, withinMs: number): Promise<Connections> {
  const connections = openConnections(server)
  try {
    await connections.use(withinMs, refuseUnsafe)
    await migrate(connections)
    return connections
  } catch (error) {
    await connections.close()
    throw error
  }
}

/** Asks, and asks again as long as nothing was carried out and time is left. */
export function asking({ use }: Connections, forMs: number): Session['ask'] {
  return (text, values) =>
    untilAnswered(forMs, (withinMs) => use(withinMs, (session) => session.ask(text, values)))
}
