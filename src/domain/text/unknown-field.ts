/** The first field of what was written that is not in what was read of it, as `proposal.steps.weight`; `null`: there is none. */
export function unknownField(written: unknown, read: unknown): string | null {
  if (Array.isArray(written)) {
    if (!Array.isArray(read)) return null
    return firstOf(written, (one, at) => unknownField(one, read[Number(at)]))
  }
  // What is read as something else altogether was read by a rule of its own.
  if (!isFields(written) || !isFields(read)) return null
  return firstOf(written, (one, key) => {
    if (!Object.hasOwn(read, key)) return key
    const within = unknownField(one, read[key])
    return within === null ? null : `${key}.${within}`
  })
}

function firstOf(all: object, find: (one: unknown, key: string) => string | null): string | null {
  for (const [key, one] of Object.entries(all)) {
    const found = find(one, key)
    if (found !== null) return found
  }
  return null
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
