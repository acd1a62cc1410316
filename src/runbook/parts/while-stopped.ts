import { leftMeanwhile, MAINTAINED } from '../../domain/plan/left-meanwhile.ts'
import type { PlanState } from '../../domain/plan/plan-state.ts'
import type { MaintenanceSwitch } from './maintenance.ts'
import { NOTHING, type Part } from './part.ts'
import { peoplesPart, type PeoplesDeed } from './people.ts'

/** How people are told, and told that it is over. */
export type Told = { readonly on: Part; readonly off: Part }

/** What somebody else has turned on stays on; what an earlier plan has left on is over with this one. */
export function tellPeople(
  maintenance: MaintenanceSwitch | null,
  plans: readonly PlanState[],
): Told {
  if (maintenance?.isOn === true && leftMaintained(plans)) {
    return { on: NOTHING, off: maintenance.turnedOff }
  }
  return !maintenance || maintenance.isOn
    ? { on: NOTHING, off: NOTHING }
    : { on: maintenance.turnedOn, off: maintenance.turnedOffAgain }
}

function leftMaintained(plans: readonly PlanState[]): boolean {
  return plans.some(({ plan, run }) => {
    return plan && run && leftMeanwhile(run, plan.steps).some(({ what }) => what === MAINTAINED)
  })
}

/**
 * People are told, the services stopped, and everything given back in the other order. `givesBackAfter`: the step that
 * they are stopped for; `afterwards`: what starts and proves them.
 */
export function whileStopped(
  inner: Part,
  {
    told,
    stop,
    afterwards,
    people = [],
    givesBackAfter,
  }: {
    readonly told: Told
    readonly stop: Part
    readonly afterwards: readonly Part[]
    /** What people do on the way. */
    readonly people?: readonly PeoplesDeed[]
    readonly givesBackAfter: string
  },
): readonly Part[] {
  const on = told.on.steps.map((step) => ({ ...step, meanwhile: MAINTAINED }))
  const off = told.off.steps.map((step) => {
    return { ...step, givesBackAfter, endsMeanwhile: MAINTAINED }
  })
  return [
    { ...told.on, steps: on, changes: [] },
    peoplesPart(people, 'stop'),
    stop,
    inner,
    peoplesPart(people, 'start', { givesBackAfter }),
    ...afterwards,
    peoplesPart(people, 'end', { givesBackAfter }),
    { ...told.off, steps: off, changes: [] },
  ]
}
