import type { Onset } from '../domain/assessment/onset.ts'
import type { RuleOutcome } from '../domain/assessment/rule.ts'
import type { AssessSettings } from '../domain/assessment/settings.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Conclusion } from './conclude.ts'
import { readCourses, type Courses } from './courses.ts'
import { onsetIn } from './speaks-against.ts'

/**
 * When the trouble began that decides: by the numbers of all services, or of the one that decided, whose trouble may
 * not be seen among all of them. `null`: no number shows it. Never throws.
 */
export async function whenItBegan(
  { reasons }: Conclusion,
  rules: readonly RuleOutcome[],
  ofAll: Courses,
  asking: {
    readonly metrics: Metrics | null
    readonly settings: AssessSettings
    readonly over: { readonly nowMs: number; readonly signal: AbortSignal }
  },
): Promise<Onset | null> {
  const { metrics, settings, over } = asking
  const [deciding] = reasons
  const { service } = rules.find(({ rule }) => rule === deciding) ?? {}
  if (deciding !== undefined && service !== undefined) {
    const own = await readCourses(metrics, settings.metrics, over, service)
    const onset = onsetIn(own, [deciding], settings.matrix)
    if (onset) return { ...onset, service }
  }
  return onsetIn(ofAll, reasons, settings.matrix)
}
