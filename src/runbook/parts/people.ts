import { joined, partOf, type Part } from './part.ts'
import { peopleDo } from './steps/people-do.ts'

/** Something that people do within a plan, and before what. */
export type PeoplesDeed = {
  readonly what: string
  readonly by: string
  readonly before: 'stop' | 'start' | 'end'
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
