import type { Draft, Resolved } from '../../domain/plan/plan.ts'
import { leftInWords, leftMeanwhile } from '../../domain/plan/left-meanwhile.ts'
import { NO_DEED } from './code.ts'
import { leftBy } from './left-by.ts'
import { leftDown } from '../parts/left-down.ts'
import { maintenanceSwitch } from '../parts/maintenance.ts'
import { neededNow } from '../parts/needed-now.ts'
import { draftOf, joined, NOTHING } from '../parts/part.ts'
import type { Pause } from '../parts/pausing.ts'
import { openDeeds, peoplesPart } from '../parts/people.ts'
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
  const before = leftBy(plans)
  if (!before?.plan || !before.run) return null
  const [down, one, rest, maintenance] = await Promise.all([
    leftDown(circumstances, { givesBackAfter: NO_DEED }),
    neededNow(pause.inTwo.one.steps, circumstances),
    neededNow(pause.inTwo.rest.steps, circumstances),
    maintenanceSwitch(circumstances),
  ])
  const { off } = tellPeople(maintenance, plans)
  const first = joined([down.inTwo.one, { ...NOTHING, steps: one }])
  const others = joined([down.inTwo.rest, { ...NOTHING, steps: rest }])
  if (first.steps.length + others.steps.length + off.steps.length === 0) return null
  const people = openDeeds(settings.full?.people ?? [], before)
  const words = {
    title: `finish what plan ${before.number} has begun`,
    because: `plan ${before.number} was stopped: ${leftMeanwhile(before.run, before.plan.steps).map(leftInWords).join('; ')}`,
    targets: before.plan.targets,
    lost: 'Nothing.',
    undo: `Undo plan ${before.number} in its place: that takes back what it has brought.`,
    cautions: [],
  } satisfies Partial<Draft>
  const parts = [
    peoplesPart(people, 'start'),
    first,
    proofPart(settings, { versions: before.plan.versions ?? {}, without: [] }),
    applicationPart(settings),
    others,
    peoplesPart(people, 'end'),
    off,
  ]
  return { kind: 'feasible', draft: draftOf('full', words, parts, settings) }
}
