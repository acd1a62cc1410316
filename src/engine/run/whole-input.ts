import type { z } from 'zod'
import { unknownField } from '../../domain/text/unknown-field.ts'

/** Throws where the input is not one of the step, or has a field that it does not know: it would do less than was signed. */
export function wholeInput<Input>(schema: z.ZodType<Input>, unparsed: unknown): Input {
  const input = schema.parse(unparsed)
  const field = unknownField(unparsed, input)
  if (field !== null) throw new TypeError(`an input has a field that is not known: ${field}`)
  return input
}
