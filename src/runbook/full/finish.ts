import type { Draft, Resolved } from '../../domain/plan/plan.ts'
import { leftInWords, leftMeanwhile } from '../../domain/plan/left-meanwhile.ts'
import { NO_DEED } from './code.ts'
import { leftDown } from '../parts/left-down.ts'
import { maintenanceSwitch } from '../parts/maintenance.ts'
import { neededNow } from '../parts/needed-now.ts'
import { draftOf, joined, NOTHING } from '../parts/part.ts'
import type { Pause } from '../parts/pausing.ts'
import { applicationPart, proofPart } from '../parts/proof.ts'
import { tellPeople } from '../parts/while-stopped.ts'
import type { Circumstances } from '../procedure.ts'

/**
 * What a plan that was stopped has left, once code and data are back: services start, are proved, and people are told
 * that it is over. `null`: nothing is left.
 */
export async function finished(
  pause: Pause,
  circumstances: Circumstances,
): Promise<Extract<Resolved, { kind: 'feasible' }> | null> {
  const { plans, settings } = circumstances
  const before = plans.findLast(
    ({ plan, run }) => plan && run && leftMeanwhile(run, plan.steps).length > 0,
  )
  if (!before?.plan || !before.run) return null
  const [down, rest, maintenance] = await Promise.all([
    leftDown(circumstances, { givesBackAfter: NO_DEED }),
    neededNow([...pause.inTwo.one.steps, ...pause.inTwo.rest.steps], circumstances),
    maintenanceSwitch(circumstances),
  ])
  const { off } = tellPeople(maintenance, plans)
  const started = joined([down, { ...NOTHING, steps: rest }])
  if (started.steps.length + off.steps.length === 0) return null
  const words = {
    title: `finish what plan ${before.number} has begun`,
    because: `plan ${before.number} was stopped: ${leftMeanwhile(before.run, before.plan.steps).map(leftInWords).join('; ')}`,
    targets: before.plan.targets,
    lost: 'Nothing.',
    undo: `Undo plan ${before.number} in its place: that takes back what it has brought.`,
    cautions: [],
  } satisfies Partial<Draft>
  const parts = [
    started,
    proofPart(settings, { versions: before.plan.versions ?? {}, without: [] }),
    applicationPart(settings),
    off,
  ]
  return { kind: 'feasible', draft: draftOf('full', words, parts, settings) }
}
