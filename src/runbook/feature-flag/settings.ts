import { z } from 'zod'
import { FlagPlace, Precondition, ReadBack } from '../parts/flag-settings.ts'

const Value = z.string().min(1).max(200)

/** `procedures.featureFlag` in backout.yaml. */
export const FeatureFlagSettings = z
  .strictObject({
    /** As people call it, and as it is called where it is kept. */
    name: z.string().regex(/^[\w.:-]{1,128}$/, 'must be one word, like MULTI_TENANT_ENABLED'),
    safe: Value,
    /** Everything that it may say. Another value is told before anybody signs. */
    values: z.array(Value).max(20).default(['true', 'false']),
    precondition: Precondition.nullable().default(null),
    places: z.array(FlagPlace).min(1, 'needs at least one place where the flag is kept').max(20),
    readBack: ReadBack.nullable().default(null),
  })
  .refine(({ safe, values }) => values.includes(safe), 'safe: must be one of values')
