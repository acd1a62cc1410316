import type { Circumstances } from '../procedure.ts'
import type { Part } from './part.ts'

/**
 * Instances of a service begin anew as they are, so that they read what stands now; by whatever runs them. No other is
 * touched where that can be, and what is touched besides is told as a caution. `how`: for an assessment, or for a plan.
 */
export type Renewing = (
  service: string,
  instances: readonly string[],
  circumstances: Circumstances,
  how: 'glance' | 'look',
) => Promise<{ readonly problem: string } | Part>
