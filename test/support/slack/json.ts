/** Slack payloads are outside data of a hundred shapes: read them through these, never by a cast. */
export type Dict = Record<string, unknown>

export const isDict = (value: unknown): value is Dict =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export const dict = (value: unknown): Dict => (isDict(value) ? value : {})

export const dicts = (value: unknown): Dict[] => (Array.isArray(value) ? value.filter(isDict) : [])

export const str = (value: unknown): string => (typeof value === 'string' ? value : '')

/** Web API arguments arrive urlencoded, so a boolean is often the word. */
export const truthy = (value: unknown): boolean =>
  value === true || value === 'true' || value === '1' || value === 1

export const parseDict = (text: string): Dict => {
  try {
    return dict(JSON.parse(text))
  } catch {
    return {}
  }
}

/** `undefined` members go away, as they do on the wire: tests then compare what a bot really sees. */
export const overTheWire = (value: Dict): Dict => parseDict(JSON.stringify(value))

let sequence = 0

export const uniqueId = (prefix: string): string => {
  sequence += 1
  return `${prefix}${Date.now().toString(36).toUpperCase()}${sequence.toString(36).toUpperCase().padStart(3, '0')}`
}

export const slackTime = (at: number = Date.now()): string => {
  sequence += 1
  return `${Math.floor(at / 1000)}.${String(sequence % 1_000_000).padStart(6, '0')}`
}
