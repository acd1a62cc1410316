import { redactedObject } from '../../../domain/text/redacted-object.ts'

/** Variables whose values say something of a failure, and never a secret. */
const shownVariables: ReadonlySet<unknown> = new Set(['NODE_ENV', 'APP_VERSION', 'LOG_LEVEL'])

/** Notes about which fields who set: long, and no values. */
const leftOut: ReadonlySet<string> = new Set(['fieldsV1'])

/** An object of the API as it may be shown: without values of variables and without secrets. */
export function redactedManifest(value: unknown): unknown {
  return redactedObject(value, (key, part) => {
    if (leftOut.has(key)) return 'left-out'
    return key === 'env' && Array.isArray(part) ? { as: part.map(redactedVariable) } : undefined
  })
}

function redactedVariable(variable: unknown): unknown {
  if (typeof variable !== 'object' || variable === null || !('value' in variable)) {
    return redactedManifest(variable)
  }
  const shown = 'name' in variable && shownVariables.has(variable.name)
  return { ...variable, value: shown ? redactedManifest(variable.value) : '[redacted]' }
}
