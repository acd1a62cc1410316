import { z } from 'zod'
import { asRecord } from './as-record.ts'
import { inside, type Schema } from './schema-parts.ts'

/** The same settings, where any part may be missing because it is wrong. */
export type Readable<Value> = Value extends readonly (infer Element)[]
  ? readonly Readable<Element>[] | undefined
  : Value extends object
    ? { readonly [Key in keyof Value]?: Readable<Value[Key]> } | undefined
    : Value | undefined

/**
 * What can be read of a value that its schema refuses: all that is right in it, and the defaults of
 * what is left out.
 * With it, what does not fit together is found although other things are wrong too.
 */
export function readable<Read extends Schema>(
  schema: Read,
  value: unknown,
): Readable<z.output<Read>>
export function readable(schema: Schema, value: unknown): unknown {
  const parsed = z.core.safeParse(schema, value)
  if (parsed.success) return parsed.data
  const { shape, element, valueType } = inside(schema)
  if (element && Array.isArray(value)) return value.map((one) => readable(element, one))
  const given = asRecord(value)
  if (given) {
    const keys = valueType ? Object.keys(given) : Object.keys(shape ?? {})
    return Object.fromEntries(
      keys.flatMap((key) => {
        const part = valueType ?? shape?.[key]
        return part ? [[key, readable(part, given[key])]] : []
      }),
    )
  }
  return undefined
}
