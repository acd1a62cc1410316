import type { Handed } from '../../ports/handed.ts'
import { openedLater } from './opened-later.ts'
import type { JournalServer } from './server.ts'

/** Slack waits three seconds for whoever has pressed. */
const ASK_MS = 2_000

const GIVE = 'INSERT INTO backout.handed (body) VALUES ($1)'

/** Whoever pressed longer ago has pressed again. By the server's clock: those of two machines may differ. */
const TAKE = `
  WITH taken AS (
    DELETE FROM backout.handed WHERE id IN (
      SELECT id FROM backout.handed ORDER BY id LIMIT 50 FOR UPDATE SKIP LOCKED
    ) RETURNING id, body, at
  )
  SELECT body FROM taken WHERE at > clock_timestamp() - interval '1 minute' ORDER BY id`

/** Beside the journal, from each process on it to the one that acts. */
export function postgresHanded(server: JournalServer): Handed & { close(): Promise<void> } {
  const { ask, close } = openedLater(server, ASK_MS)
  return {
    async give(text) {
      await ask(GIVE, [text])
    },
    take: async () => (await ask(TAKE)).map(({ body }) => String(body)),
    close,
  }
}
