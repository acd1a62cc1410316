import { z } from 'zod'

export type Schema = z.core.$ZodType

type SchemaParts = {
  readonly shape?: Readonly<Record<string, Schema>>
  readonly element?: Schema
  /** Of a record: what stands under every name. */
  readonly valueType?: Schema
}

/** What an object, an array or a record is made of, below its defaults and optionals. */
export function inside(schema: Schema | undefined): SchemaParts {
  if (schema instanceof z.ZodObject) return { shape: schema.shape }
  if (schema instanceof z.ZodArray) return { element: schema.element }
  if (schema instanceof z.ZodRecord) return { valueType: schema.valueType }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    // Which one is meant may be wrong too: known is what any of them takes.
    return { shape: Object.assign({}, ...schema.options.map((one) => inside(one).shape)) }
  }
  const wraps =
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable
  return wraps ? inside(schema.unwrap()) : {}
}
