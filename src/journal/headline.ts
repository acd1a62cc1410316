import { jsonOf } from '../domain/base/json-of.ts'

/** The message that carries the headline of an incident. */
export type Headline = { readonly channel: string; readonly ts: string }

/**
 * The headline that this event has posted; `null`: none. Old journals hold `message-posted`, newer ones
 * `outbox-delivered`. A body that cannot be read is no headline.
 */
export function headlineOf(type: string, body: string): Headline | null {
  if (type !== 'message-posted' && type !== 'outbox-delivered') return null
  const { kind, surface, key, channel, ts, receipt } = fieldsOf(jsonOf(body))
  if ((kind ?? 'message') !== 'message' || (surface ?? key) !== 'headline') return null
  const there = fieldsOf(receipt)
  const [where, when] = [channel ?? there['channel'], ts ?? there['ts']]
  return typeof where === 'string' && typeof when === 'string' ? { channel: where, ts: when } : null
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
