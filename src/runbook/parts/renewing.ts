import type { Circumstances } from '../procedure.ts'
import type { Part } from './part.ts'

/**
 * Instances of a service begin anew as they are, so that they read what stands now; by whatever runs them. No other is
 * touched where that can be, and what is touched besides is told as a caution.
 */
export type Renewing = (
  service: string,
  instances: readonly string[],
  circumstances: Circumstances,
) => Promise<{ readonly problem: string } | Part>
