import type { Assessment } from '../assessment/assessment.ts'
import type { PlannedChange } from '../plan/plan.ts'
import { sameImages } from '../workload/versions.ts'
import type { Incident } from './incident.ts'

/**
 * The newest assessment of this incident that was made while everything ran as it does before the changes
 * (`from`), or as it will after them (`to`). `null`: there is none, or what ran is not told.
 */
export function lastMeasured(
  { timeline }: Pick<Incident, 'timeline'>,
  changes: readonly PlannedChange[],
  end: 'from' | 'to',
): Assessment | null {
  const versions = changes.flatMap(({ what, images }) => (images ? [{ what, images }] : []))
  // What looks the same before and after cannot be told apart.
  const alike = versions.some(({ images }) => sameImages(ran(images.from), ran(images.to)))
  if (versions.length === 0 || alike) return null
  const found = timeline.findLast(({ event }) => {
    if (event.type !== 'assessment-taken') return false
    const { changes: seen } = event.assessment
    return versions.every(({ what, images }) => {
      const running = seen?.find(({ service }) => service === what)
      return running !== undefined && sameImages(running, ran(images[end]))
    })
  })
  return found?.event.type === 'assessment-taken' ? found.event.assessment : null
}

function ran(images: readonly string[]) {
  return { images }
}
