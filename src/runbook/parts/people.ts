import type { PlanState } from '../../domain/plan/plan-state.ts'
import { joined, partOf, type Part } from './part.ts'
import { deedIn, peopleDo } from './steps/people-do.ts'

/** Something that people do within a plan, and before what. */
export type PeoplesDeed = {
  readonly what: string
  readonly by: string
  readonly before: 'stop' | 'start' | 'end'
}

/** Without what they have done already in the plans that are gone on with. */
export function openDeeds(
  deeds: readonly PeoplesDeed[],
  stopped: readonly PlanState[],
): readonly PeoplesDeed[] {
  const done = stopped.flatMap(({ plan, run }) =>
    (plan?.steps ?? []).flatMap((step, at) => {
      return run?.steps[at]?.kind === 'succeeded' ? (deedIn(step) ?? []) : []
    }),
  )
  return deeds.filter(({ what, by }) => !done.some((one) => one.what === what && one.by === by))
}

/** What people have to do before this. `givesBackAfter`: also where that step has failed and left nothing. */
export function peoplesPart(
  deeds: readonly PeoplesDeed[],
  before: PeoplesDeed['before'],
  { givesBackAfter }: { readonly givesBackAfter?: string } = {},
): Part {
  const here = deeds.filter((deed) => deed.before === before)
  return joined(
    here.map(({ what, by }) =>
      partOf(
        peopleDo,
        { what, by },
        { byPeople: by, ...(givesBackAfter === undefined ? {} : { givesBackAfter }) },
      ),
    ),
  )
}
