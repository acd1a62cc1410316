import type { KeptTexts } from '../../ports/kept.ts'
import { openedLater } from './opened-later.ts'
import type { JournalServer } from './server.ts'

const ASK_MS = 2_000

/** A name and a text. */
export const PUT_TEXT = `
  INSERT INTO backout.kept (name, body) VALUES ($1, $2)
  ON CONFLICT (name) DO UPDATE SET body = excluded.body`

/** Beside the journal, for all processes on it. Only one of them writes at a time: the one that acts. */
export function postgresTexts(server: JournalServer): KeptTexts & { close(): Promise<void> } {
  const { ask, close } = openedLater(server, ASK_MS)

  return {
    async read(name) {
      const [row] = await ask('SELECT body FROM backout.kept WHERE name = $1', [name])
      return row ? String(row['body']) : null
    },
    async write(name, text) {
      await ask(PUT_TEXT, [name, text])
    },
    close,
  }
}
