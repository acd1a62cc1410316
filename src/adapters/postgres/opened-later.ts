import type { Connections, Session } from './connections.ts'
import { asking, openTables } from './open-tables.ts'
import type { JournalServer } from './server.ts'

export type OpenedLater = {
  /** Throws the `Fault` that keeps it from being used, and tries again when it is asked next. */
  connections(): Promise<Connections>
  /** As a session does, of one connection each time. */
  readonly ask: Session['ask']
  close(): Promise<void>
}

/** What stands beside the journal is connected to when it is asked for first. */
export function openedLater(server: JournalServer, withinMs: number): OpenedLater {
  let opening: Promise<Connections> | null = null

  function connections(): Promise<Connections> {
    const opened = (opening ??= openTables(server, withinMs))
    opened.catch(() => {
      if (opening === opened) opening = null
    })
    return opened
  }

  return {
    connections,
    ask: async (text, values) => asking(await connections(), withinMs)(text, values),
    async close() {
      const opened = await opening?.catch(() => null)
      await opened?.close()
    },
  }
}
