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
    return change ? { ...line, says: `${line.says}; ${inWords(change)}` } : line
  })
  return { ...judged, lines }
}

/** "changed 03:20 UTC by ci-bot". */
function inWords({ since, by }: NewestChange): string {
  const when = since && `${since.exact ? '' : 'at the latest '}${since.time.slice(11, 16)} UTC`
  return `changed ${when ?? 'at a time that is not known'} by ${by ?? 'whom is not told'}`
}
