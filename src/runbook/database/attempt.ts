import type { Application, WriteContext } from '../../engine/run/step.ts'
import { bytesInWords } from '../../domain/text/amounts.ts'
import { collectionsOf } from '../parts/require-port.ts'
import { dropAll, keptOf } from './kept.ts'

/** One attempt to make collections beside, and what it has made: another one, perhaps of another process, is never taken for it. */
export type Attempt = {
  readonly id: string
  /** The ids of what has its final name already. */
  readonly made: Set<string>
  /** Another attempt was quicker. */
  overtaken: boolean
}

/** Another attempt never meets what an orphan of this one may still write. */
export function newAttempt({ world }: Pick<WriteContext, 'world'>): Attempt {
  const id = `${world.clock.now().toString(36)}${crypto.randomUUID().slice(0, 4)}`
  return { id, made: new Set(), overtaken: false }
}

/** Drops what this attempt has made, and says why it was for nothing. */
export async function givenBack(
  { world, key, signal }: WriteContext,
  { id, made, overtaken }: Attempt,
  { because, was }: { readonly because: string; readonly was: 'copied' | 'restored' },
): Promise<Application> {
  const stores = collectionsOf(world)
  const ours = keptOf(await stores.list(signal), key).filter(({ collection: { uuid }, kept }) => {
    return kept.attempt === id || (uuid !== null && made.has(uuid))
  })
  const left = await dropAll(stores, ours, signal)
  if (left === null && overtaken) return { kind: 'look-again' }
  return left === null
    ? { kind: 'refused', applied: 'no', says: `${because}; what was ${was} was dropped again` }
    : {
        kind: 'refused',
        applied: 'yes',
        says: `${because}; and not all of it was dropped: ${left}`,
      }
}

/** Data and indexes, and the log of writes: docs/database.md. */
const ROOM_FACTOR = 1.5

/** Why so much data does not fit beside; `null`: it does, or the server does not say what it has. */
export function whyNoRoom(freeBytes: number | null, bytes: number): string | null {
  const wanted = bytes * ROOM_FACTOR
  if (freeBytes === null || freeBytes >= wanted) return null
  return `the disk of the server has ${bytesInWords(freeBytes)} free, and this needs ${bytesInWords(wanted)}`
}
