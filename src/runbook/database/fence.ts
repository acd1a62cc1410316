import type { Collections } from '../../ports/collections.ts'
import { documentsInWords, inDigits } from '../../domain/text/amounts.ts'

/** So long nobody else may write before anything is switched. */
const QUIET_MS = 5_000
/** A fence comes down however the rest ended, and so with a time of its own. */
const LOWER_MS = 15_000

export type Fenced = { readonly proved: boolean; readonly says: string }

export const NOT_OFFERED: Fenced = {
  proved: false,
  says: 'This server cannot refuse the writes of others: that the services were stopped is what kept them out',
}

/** Whether others are refused now. An answer of the server is no proof: only a refused write is. */
export async function raised(stores: Collections, signal: AbortSignal): Promise<Fenced> {
  const answer = await stores.fence('up', signal)
  if (answer.kind !== 'done') {
    return {
      proved: false,
      says: `The server did not refuse the writes of others: ${answer.because}`,
    }
  }
  return FENCED[await stores.tryWrite(signal)]
}

const FENCED: Readonly<Record<Awaited<ReturnType<Collections['tryWrite']>>, Fenced>> = {
  refused: {
    proved: true,
    says: 'The server refused the writes of others meanwhile, as a write that was tried proved',
  },
  accepted: {
    proved: false,
    says: 'The server said that it refuses writes, and took one: that the services were stopped is what kept others out',
  },
  'not-configured': {
    proved: false,
    says: 'The server said that it refuses writes; nothing proved it (MONGODB_APPLICATION_URI is not set)',
  },
}

export async function lowered(stores: Collections): Promise<void> {
  await stores.fence('down', AbortSignal.timeout(LOWER_MS))
}

/** Why nothing may be switched now; `null`: nobody writes, as far as the server tells. */
export async function whyNotQuiet(
  stores: Collections,
  {
    names,
    since,
  }: {
    readonly names: readonly string[]
    readonly since: { readonly moment: string; readonly most: number } | null
  },
  signal: AbortSignal,
): Promise<string | null> {
  if (since) {
    const written = await stores.writtenSince(since.moment, names, signal)
    // That more would stop it was signed: what nobody can count any more stops it, too.
    if (written.kind === 'not-known') {
      return `nobody can tell how much was written since the comparison (${written.because}): restore beside again`
    }
    const writes = written.writes.reduce((sum, one) => sum + one.writes, 0)
    if (writes > since.most) {
      return `${documentsInWords(writes)} were written since the comparison, and ${inDigits(since.most)} at most were signed for: plan it again`
    }
  }
  const now = await stores.quiet(names, QUIET_MS, signal)
  if (now.kind === 'not-known' || now.writes.length === 0) return null
  const who = now.writes.map(({ name, writes }) => `${name} ${inDigits(writes)}`).join(', ')
  return `somebody still writes (${who} within ${QUIET_MS / 1_000} s), although the services are stopped: find out who`
}
