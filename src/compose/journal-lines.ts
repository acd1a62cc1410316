import { LRUCache } from 'lru-cache'
import { jsonOf } from '../domain/base/json-of.ts'
import type { JournaledEvent } from '../domain/incident/event.ts'
import { redact } from '../domain/text/redact.ts'

/** One event a line, each of them JSON. What looks like a credential is hidden value by value. */
export async function* journalLines(events: readonly JournaledEvent[]): AsyncIterable<string> {
  // The same words stand in a journal again and again.
  const shown = new LRUCache<string, string>({ max: 5_000 })
  const redacted = (value: unknown): unknown => {
    if (typeof value !== 'string') return value
    const before = shown.get(value)
    if (before !== undefined) return before
    const now = redact(value)
    shown.set(value, now)
    return now
  }
  for (const event of events) {
    const line = JSON.stringify(event, (_, value: unknown) => redacted(value))
    yield `${lookedAtWhole(line)}\n`
  }
}

/**
 * Some secrets are only known by what stands beside them, such as the name of their field. That is looked at
 * too, unless it takes more than values with it: words that only look like a secret that begins would.
 */
function lookedAtWhole(line: string): string {
  const whole = redact(line)
  return whole === line || shapeOf(whole) === shapeOf(line) ? whole : line
}

/** Its fields, without what is in them; `null`: it is no JSON. */
function shapeOf(line: string): string | null {
  const fields = jsonOf(line)
  if (fields === undefined) return null
  return JSON.stringify(fields, (_, value: unknown) =>
    typeof value === 'object' && value !== null ? value : 0,
  )
}
