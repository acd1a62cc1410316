import { redact } from '../../../domain/text/redact.ts'
import type { ShownPart } from '../../../domain/text/redacted-object.ts'

/** Variables whose values say something of a failure, and never a secret. */
const shown: ReadonlySet<string> = new Set(['NODE_ENV', 'APP_VERSION', 'LOG_LEVEL', 'PATH'])

/** `Env` is a list of `NAME=value`: of most of them only the name is shown. */
export const redactedVariables: ShownPart = (key, part) => {
  if (key !== 'Env' || !Array.isArray(part)) return undefined
  const as = part.map((variable: unknown) => {
    const text = String(variable)
    const name = text.split('=', 1)[0] ?? ''
    return shown.has(name) ? redact(text) : `${name}=[redacted]`
  })
  return { as }
}
