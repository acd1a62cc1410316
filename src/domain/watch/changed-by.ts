import { isSameVersion } from '../workload/service-pages.ts'
import { toldVersions } from '../workload/versions.ts'
import type { NewestChange } from '../workload/newest-change.ts'
import type { Look } from './watch.ts'

type Seen = Omit<Look, 'due'>

/** The same look, with who brought the version that should not run, as far as the world tells. */
export function attributed(
  judged: Seen,
  seen: Seen,
  changes: readonly NewestChange[] | null,
): Seen {
  const lines = judged.lines.map((line, index) => {
    if (line === seen.lines[index]) return line
    const change = changes?.find(({ service, images }) => {
      // What another version page tells may be something else than what was deployed last.
      const told = line.version ?? ''
      return service === line.target && toldVersions({ images }).some((v) => isSameVersion(v, told))
    })
    return change ? { ...line, changed: { since: change.since, by: change.by } } : line
  })
  return { ...judged, lines }
}
