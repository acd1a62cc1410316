import type { DatabaseSync } from 'node:sqlite'
import { jsonOf } from '../../domain/base/json-of.ts'
import { KEPT_MS } from '../../domain/second-factor/enrolment.ts'
import type { Clock } from '../../ports/clock.ts'
import type { KeptAnswers } from '../../ports/second-factor.ts'
import type { Seal } from './seal.ts'

/** The same answer again is written down only this much later: many ask for the same. */
const AGAIN_MS = 60_000

/** So many of them are known here; another one is written once more. */
const MOST_KNOWN = 500

export function keptAnswers(deps: {
  readonly database: DatabaseSync
  readonly seal: Seal
  readonly clock: Clock
  readonly whole: <Result>(run: () => Result) => Promise<Result>
  readonly read: <Result>(run: () => Result) => Promise<Result>
}): KeptAnswers {
  const { database, seal, clock, whole, read } = deps
  const written = new Map<string, { readonly text: string; readonly atMs: number }>()
  return {
    async keep(key, answer) {
      const text = JSON.stringify(answer)
      const atMs = clock.now()
      const last = written.get(key)
      if (last?.text === text && atMs - last.atMs < AGAIN_MS) return
      await whole(() => {
        database.prepare('DELETE FROM answers WHERE at <= ?').run(atMs - KEPT_MS)
        database
          .prepare('INSERT OR REPLACE INTO answers (key, at, body) VALUES (?, ?, ?)')
          .run(key, atMs, seal.close(text, about(key, atMs)))
      })
      if (written.size >= MOST_KNOWN) written.clear()
      written.set(key, { text, atMs })
    },
    kept: (key) =>
      read(() => {
        const row = database.prepare('SELECT at, body FROM answers WHERE key = ?').get(key)
        const body = row?.['body']
        if (!row || !(body instanceof Uint8Array)) return null
        const atMs = Number(row['at'])
        return { answer: jsonOf(seal.open(body, about(key, atMs))), atMs }
      }),
  }
}

/** Its time is sealed with it: nobody makes an old answer a new one. */
function about(key: string, atMs: number): string {
  return `answer ${key} at ${atMs}`
}
