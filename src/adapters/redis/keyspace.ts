import { Fault } from '../../domain/base/fault.ts'
import type { Keys } from './key-scope.ts'
import type { Line } from './line.ts'

/** Each of these is about a millisecond in which the server answers nobody else. */
const SCANNED_AT_ONCE = 1_000
const REMOVED_AT_ONCE = 500

const EXAMPLES = 5

/** Whoever fills a cache as fast as it is emptied would keep us for ever. */
const MOST_PASSES = 10

export const scanArguments = (pattern: string) =>
  ['MATCH', pattern, 'COUNT', SCANNED_AT_ONCE] as const

/** Without KEYS, which would stop the server for as long as it takes to look at all of them. */
async function* pagesOf(keys: Keys, line: Line, signal: AbortSignal): AsyncGenerator<Buffer[]> {
  for (const pattern of keys.patterns) {
    let cursor = '0'
    do {
      const [next, page] = await line.ask(
        (client) => client.scanBuffer(cursor, ...scanArguments(pattern)),
        signal,
      )
      cursor = String(next)
      yield page.filter(keys.include)
    } while (cursor !== '0')
  }
}

/** A table that Redis shrinks meanwhile may show a key twice; all others are counted once. */
export async function countKeys(
  keys: Keys,
  line: Line,
  signal: AbortSignal,
): Promise<{ keys: number; examples: string[] }> {
  let count = 0
  const examples: string[] = []
  for await (const page of pagesOf(keys, line, signal)) {
    count += page.length
    const missing = EXAMPLES - examples.length
    if (missing > 0) examples.push(...page.slice(0, missing).map(String))
  }
  return { keys: count, examples }
}

/**
 * Passes until one finds nothing. SCAN shows every key that is there from the beginning of a pass
 * to its end, so the first pass removes what the port promises; the others take what was written
 * meanwhile, and prove it.
 */
export async function clearKeys(keys: Keys, line: Line, signal: AbortSignal): Promise<number> {
  let removed = 0
  let sent = false
  try {
    for (let pass = 1; pass <= MOST_PASSES; pass += 1) {
      let found = 0
      for await (const page of pagesOf(keys, line, signal)) {
        found += page.length
        for (let at = 0; at < page.length; at += REMOVED_AT_ONCE) {
          const batch = page.slice(at, at + REMOVED_AT_ONCE)
          sent = true
          removed += await line.tell((client) => client.unlink(...batch), signal)
        }
      }
      if (found === 0) break
    }
  } catch (error) {
    throw sent && error instanceof Fault ? cutShort(error, removed) : error
  }
  return removed
}

/** Carried out in part, so no longer certainly not carried out. */
function cutShort({ kind, dependency, detail, code }: Fault, removed: number): Fault {
  return new Fault({
    kind: kind === 'retryable' ? 'unknown-outcome' : kind,
    dependency,
    detail: `${detail}, with ${removed} keys removed; clearing again is harmless`,
    code,
  })
}
