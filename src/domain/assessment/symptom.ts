import { z } from 'zod'

/** What no metric shows and a person reports. */
export const Symptom = z.enum([
  'cross-organisation-leak',
  'data-loss',
  'data-corruption',
  'single-organisation',
  'ui-issue',
  'feature-failure',
  'cache-issue',
])
export type Symptom = z.infer<typeof Symptom>

/** In whatever order they were reported. */
export function sameSymptoms(one: readonly Symptom[], other: readonly Symptom[]): boolean {
  return one.length === other.length && one.every((symptom) => other.includes(symptom))
}
