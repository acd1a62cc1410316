import { jsonOf } from '../../../domain/base/json-of.ts'
import { isDeepStrictEqual } from 'node:util'
import type { ManagedFields } from './schema.ts'

/** Who wrote something, under its own name, and when it last wrote anything that it owns. */
export type FieldOwner = {
  readonly by: string | null
  readonly time: string | null
  /** It owns nothing but the template and annotations: then that time is the one of the template. */
  readonly templateOnly: boolean
}

/**
 * Who owns a field of the template that is not as before. Whoever changes a value takes it over, so
 * that each of them wrote it at this change or after; the earliest made the change.
 * https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management
 */
export function ownerOfChange(
  entries: readonly ManagedFields[],
  now: unknown,
  before: unknown,
): FieldOwner | null {
  const owners = entries.filter(({ subresource, fieldsV1 }) => {
    return subresource === '' && ownsChanged(below(fieldsV1, template), now, before)
  })
  const [first] = owners.toSorted((a, b) => msOf(a) - msOf(b))
  if (!first) return null
  const { manager, time, fieldsV1 } = first
  return {
    by: manager === '' ? null : manager,
    time: time ?? null,
    templateOnly:
      onlyHas(fieldsV1, ['f:metadata', 'f:spec']) &&
      onlyHas(below(fieldsV1, ['f:metadata']), ['f:annotations']) &&
      onlyHas(below(fieldsV1, ['f:spec']), ['f:template']),
  }
}

/** Whether this manager wrote that field of the object. */
export function owns({ fieldsV1 }: ManagedFields, path: readonly string[]): boolean {
  return below(fieldsV1, path) !== undefined
}

/** Whether this one field is all that was written, or only annotations were beside it; `null`: neither. */
export function onlyOwns(
  fields: unknown,
  [outer, inner]: readonly [outer: string, inner: string],
): 'nothing-else' | 'annotations' | null {
  const isOwned = below(fields, [outer, inner]) !== undefined
  if (!isOwned || !onlyHas(below(fields, [outer]), [inner])) return null
  if (onlyHas(fields, [outer])) return 'nothing-else'
  const besides = onlyHas(fields, [outer, 'f:metadata'])
  return besides && onlyHas(below(fields, ['f:metadata']), ['f:annotations']) ? 'annotations' : null
}

const template = ['f:spec', 'f:template']

function msOf({ time }: ManagedFields): number {
  return time === undefined ? Infinity : Date.parse(time)
}

function below(fields: unknown, path: readonly string[]): unknown {
  return path.reduce((within: unknown, key) => recordOf(within)[key], fields)
}

function onlyHas(fields: unknown, known: readonly string[]): boolean {
  return Object.keys(recordOf(fields)).every((key) => key === '.' || known.includes(key))
}

function ownsChanged(fields: unknown, now: unknown, before: unknown): boolean {
  return Object.entries(recordOf(fields)).some(([key, inner]) => {
    if (key === '.') return false
    const [value, old] = [valueAt(now, key), valueAt(before, key)]
    if (isDeepStrictEqual(value, old)) return false
    const isWhole = Object.keys(recordOf(inner)).every((one) => one === '.')
    return isWhole || ownsChanged(inner, value, old)
  })
}

/** `f:` is a field, `k:` the item of a list by its keys, `v:` the item itself. */
function valueAt(of: unknown, key: string): unknown {
  const name = key.slice(2)
  if (key.startsWith('f:')) return recordOf(of)[name]
  if (!Array.isArray(of)) return undefined
  const wanted = jsonOf(name)
  if (key.startsWith('v:')) return of.find((item) => isDeepStrictEqual(item, wanted))
  const keys = Object.entries(recordOf(wanted))
  return of.find((item) => keys.every(([part, value]) => recordOf(item)[part] === value))
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
