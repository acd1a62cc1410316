import type { IncomingMessage } from 'node:http'
import type { DeployLock } from '../../domain/plan/deploy-locks.ts'
import { byToken } from './by-token.ts'

export type LocksPage = {
  /** Whoever asks has to have it. */
  readonly token: string
  /** May reject: then it is not known, and that is what is answered. */
  readonly read: () => Promise<readonly DeployLock[]>
}

export type LocksAnswer = { readonly status: 200 | 401 | 503; readonly body: string }

/** A pipeline looks for its own version among the newest. */
const MOST_SHOWN = 500

/** To fold the incidents anew costs something: however many pipelines ask, it is done this seldom. */
const REMEMBER_MS = 1_000

/** `GET /locks`: the versions that were rolled back from, for who deploys. The token says in which environment. */
export function locksPage(
  pages: readonly LocksPage[],
  now: () => number,
): (request: IncomingMessage) => Promise<LocksAnswer> {
  const pageOf = byToken(pages.map(({ token, read }) => ({ token, read: remembered(read, now) })))
  return async (request) => {
    const page = pageOf(request)
    if (!page) {
      return json(401, {
        error: 'send Authorization: Bearer with the token of BACKOUT_LOCKS_TOKEN',
      })
    }
    try {
      const locks = await page.read()
      return json(200, locks.slice(0, MOST_SHOWN))
    } catch {
      // No list is not an empty one: a pipeline must not take it for "nothing is locked".
      return json(503, { error: 'the journal could not be read' })
    }
  }
}

/** What could not be read is asked for anew. */
function remembered(read: LocksPage['read'], now: () => number): LocksPage['read'] {
  let last: { readonly atMs: number; readonly locks: Promise<readonly DeployLock[]> } | null = null
  return async () => {
    if (last === null || now() - last.atMs >= REMEMBER_MS) last = { atMs: now(), locks: read() }
    try {
      return await last.locks
    } catch (error) {
      last = null
      throw error
    }
  }
}

function json(status: LocksAnswer['status'], body: unknown): LocksAnswer {
  return { status, body: `${JSON.stringify(body)}\n` }
}
