import { z } from 'zod'

/** From best to worst. `unreachable`: could not ask. `degraded`: asked, and it is bad. */
export const Verdict = z.enum(['healthy', 'inconclusive', 'unreachable', 'degraded'])
export type Verdict = z.infer<typeof Verdict>

/** The worst of all. Nothing measured is never healthy (J10). */
export function overallVerdict(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.length === 0) return 'inconclusive'
  return verdicts.reduce(worseOf)
}

export function worseOf(a: Verdict, b: Verdict): Verdict {
  return Verdict.options.indexOf(a) >= Verdict.options.indexOf(b) ? a : b
}
