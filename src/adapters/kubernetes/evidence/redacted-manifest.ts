import { redact } from '../../../domain/text/redact.ts'

/** Variables whose values say something of a failure, and never a secret. */
const shownVariables: ReadonlySet<unknown> = new Set(['NODE_ENV', 'APP_VERSION', 'LOG_LEVEL'])

/** Notes about which fields who set: long, and no values. */
const leftOut: ReadonlySet<string> = new Set(['fieldsV1'])

/** An object of the API as it may be shown: without values of variables and without secrets. */
export function redactedManifest(value: unknown): unknown {
  if (Array.isArray(value)) return redactedList(value)
  if (typeof value === 'string') return redactedText(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !leftOut.has(key))
      .map(([key, part]): [string, unknown] => {
        if (key === 'env' && Array.isArray(part)) return [key, part.map(redactedVariable)]
        return [key, typeof part === 'string' ? redactedAfter(key, part) : redactedManifest(part)]
      }),
  )
}

function redactedVariable(variable: unknown): unknown {
  if (typeof variable !== 'object' || variable === null || !('value' in variable)) {
    return redactedManifest(variable)
  }
  const shown = 'name' in variable && shownVariables.has(variable.name)
  return { ...variable, value: shown ? redactedManifest(variable.value) : '[redacted]' }
}

/** `--password`, `hunter2` are two of a command's words. */
function redactedList(list: readonly unknown[]): unknown[] {
  return list.map((item, index) => {
    const before: unknown = list[index - 1]
    const isAfter = typeof item === 'string' && typeof before === 'string'
    return isAfter && before.startsWith('-') ? redactedAfter(before, item) : redactedManifest(item)
  })
}

/** A name can tell that its value is a secret. */
function redactedAfter(name: string, value: string): string {
  const start = `${name}=`
  const whole = redact(start + value)
  if (whole === start + value) return redactedText(value)
  return whole.startsWith(start) ? redactedText(whole.slice(start.length)) : '***'
}

/** `kubectl apply` keeps the whole object as a text within itself. */
function redactedText(text: string): string {
  if (!/^\s*[[{]/.test(text)) return redact(text)
  try {
    return JSON.stringify(redactedManifest(JSON.parse(text)))
  } catch {
    return redact(text)
  }
}
