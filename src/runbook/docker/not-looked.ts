import { namesUpTo } from '../../domain/text/names-up-to.ts'
import type { Sharers } from '../../ports/sharers.ts'

/** What could not be looked at, a sentence for each host. `of`: whose things it may share. */
export function notKnown(
  notLooked: Sharers['notLooked'],
  of: 'what is made anew' | 'what is stopped',
): readonly string[] {
  return [...Map.groupBy(notLooked, ({ host }) => host)].map(([host, those]) => {
    const who = namesUpTo(
      3,
      those.map(({ name }) => name),
    )
    return `${host}: ${who} could not be looked at (${those[0]?.because}). Whether one of them shares the processes or the memory of ${of} is not known.`
  })
}
