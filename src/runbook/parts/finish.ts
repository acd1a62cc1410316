import { leftInWords } from '../../domain/plan/left-meanwhile.ts'
import { goneOnWith, leftBy } from '../../domain/plan/left-standing.ts'
import type { Draft } from '../../domain/plan/plan.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { ProcedureName } from '../../domain/plan/requests.ts'
import type { Circumstances } from '../procedure.ts'
import { leftDown } from './left-down.ts'
import { maintenanceSwitch } from './maintenance.ts'
import { neededNow } from './needed-now.ts'
import { draftOf, joined, NOTHING, type Part } from './part.ts'
import type { Pause } from './pausing.ts'
import { openDeeds, peoplesPart, type PeoplesDeed } from './people.ts'
import { applicationPart, proofPart } from './proof.ts'
import { tellPeople } from './while-stopped.ts'

/** In place of the step that services are stopped for, where nothing of it is left to do. */
export const NO_DEED = 'nothing'

type Finishing = {
  readonly kind: ProcedureName
  /** The plan that was stopped, or has failed, and has left something. */
  readonly stopped: PlanState | null
  readonly pause: Pause
  readonly people: readonly PeoplesDeed[]
  /** What of it is not done yet and needs the services stopped. */
  readonly inner: Part
}

/**
 * What a plan has left, once what it was for is done: services start, are proved, and people are told that it is over.
 * `null`: nothing is left.
 */
export async function finishing(
  { kind, stopped, pause, people, inner }: Finishing,
  circumstances: Circumstances,
): Promise<Draft | null> {
  const { plans, settings } = circumstances
  if (!stopped?.plan) return null
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
  const { number, plan } = stopped
  const left = leftBy(plans, number).map(leftInWords).join('; ')
  const open = openDeeds(people, goneOnWith(plans, number))
  const words = {
    title: `finish what plan ${number} has begun`,
    because: `plan ${number} has left it so: ${left}`,
    targets: plan.targets,
    lost: 'Nothing.',
    undo: `Undo plan ${number} in its place: that takes back what it has brought.`,
    // What people have to do because of it is due once it has come to its end.
    ...(plan.tasks && { tasks: plan.tasks }),
  }
  const parts = [
    inner,
    peoplesPart(open, 'start'),
    first,
    proofPart(settings, { versions: plan.versions ?? {}, without: [] }),
    applicationPart(settings),
    others,
    peoplesPart(open, 'end'),
    off,
  ]
  return draftOf(kind, words, parts, settings)
}
