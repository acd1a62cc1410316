/** What a text of outside says as JSON, for a schema to judge; `undefined`, which no JSON is: it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
