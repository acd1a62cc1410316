import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'

/** Whose token a request carries; `null`: it is nobody's. */
export function byToken<One extends { readonly token: string }>(
  all: readonly One[],
): (request: Pick<IncomingMessage, 'headers'>) => One | null {
  const known = all.map((one) => ({ one, wanted: hash(`Bearer ${one.token}`) }))
  return ({ headers: { authorization = '' } }) => {
    const given = hash(authorization)
    // Of one length, and each of them compared, so that the time it takes tells nothing about the tokens.
    const [found] = known.filter(({ wanted }) => timingSafeEqual(given, wanted))
    return found?.one ?? null
  }
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
