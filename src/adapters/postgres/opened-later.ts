import type { Connections } from './connections.ts'
import { openTables } from './open-tables.ts'
import type { JournalServer } from './server.ts'

export type OpenedLater = {
  /** Throws the `Fault` that keeps it from being used, and tries again when it is asked next. */
  connections(): Promise<Connections>
  close(): Promise<void>
}

/** What stands beside the journal is connected to when it is asked for first. */
export function openedLater(server: JournalServer, withinMs: number): OpenedLater {
  let opening: Promise<Connections> | null = null
  return {
    connections() {
      const opened = (opening ??= openTables(server, withinMs))
      opened.catch(() => {
        if (opening === opened) opening = null
      })
      return opened
    },
    async close() {
      const opened = await opening?.catch(() => null)
      await opened?.close()
    },
  }
}
