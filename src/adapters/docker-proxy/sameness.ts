import type { Fields } from './schema.ts'

/**
 * Where there is nothing in it, a field may as well be left out, or be there: but never beside one that the Engine,
 * which does not look at the case of a name, would take for the same. The last of the two would count.
 */
export function isSame(asked: unknown, own: unknown): boolean {
  if (isEmpty(asked) && isEmpty(own)) return true
  if (Array.isArray(asked) && Array.isArray(own)) {
    return asked.length === own.length && asked.every((one, index) => isSame(one, own[index]))
  }
  if (!isFields(asked) || !isFields(own)) return Object.is(asked, own)
  const names = new Set(Object.keys(own).map(folded))
  return (
    Object.entries(own).every(([key, value]) =>
      isSame(Object.hasOwn(asked, key) ? asked[key] : undefined, value),
    ) &&
    Object.entries(asked).every(
      ([key, value]) => Object.hasOwn(own, key) || (isEmpty(value) && !names.has(folded(key))),
    )
  )
}

/** The Engine tells nothing, `null` and an empty one for the same. */
export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Two signs that are no letters of English are folded to such: the long s, and that of Kelvin. */
function folded(key: string): string {
  return key.toUpperCase().toLowerCase()
}
