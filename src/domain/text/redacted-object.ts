import { redact } from './redact.ts'

/** How a part is shown that is particular; `undefined`: nothing is. */
export type ShownPart = (
  key: string,
  part: unknown,
) => { readonly as: unknown } | 'left-out' | undefined

/** An object of anybody's API as it may be shown: without what looks like a secret. */
export function redactedObject(value: unknown, shownPart: ShownPart): unknown {
  if (Array.isArray(value)) return redactedList(value, shownPart)
  if (typeof value === 'string') return redactedText(value, shownPart)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, part]): [string, unknown][] => {
      const shown = shownPart(key, part)
      if (shown === 'left-out') return []
      if (shown !== undefined) return [[key, shown.as]]
      if (typeof part === 'string') return [[key, redactedAfter(key, part, shownPart)]]
      return [[key, redactedObject(part, shownPart)]]
    }),
  )
}

/** `--password`, `hunter2` are two of a command's words. */
function redactedList(list: readonly unknown[], shownPart: ShownPart): unknown[] {
  return list.map((item, index) => {
    const before: unknown = list[index - 1]
    const isAfter = typeof item === 'string' && typeof before === 'string'
    return isAfter && before.startsWith('-')
      ? redactedAfter(before, item, shownPart)
      : redactedObject(item, shownPart)
  })
}

/** A name can tell that its value is a secret. */
function redactedAfter(name: string, value: string, shownPart: ShownPart): string {
  const start = `${name}=`
  const whole = redact(start + value)
  if (whole === start + value) return redactedText(value, shownPart)
  return whole.startsWith(start) ? redactedText(whole.slice(start.length), shownPart) : '***'
}

/** Some keep a whole object as a text within another. */
function redactedText(text: string, shownPart: ShownPart): string {
  if (!/^\s*[[{]/.test(text)) return redact(text)
  try {
    return JSON.stringify(redactedObject(JSON.parse(text), shownPart))
  } catch {
    return redact(text)
  }
}
