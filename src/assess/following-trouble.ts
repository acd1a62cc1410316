import type { Assessment } from '../domain/assessment/assessment.ts'
import type { TroubleBegan } from '../domain/assessment/onset.ts'
import { toMs } from '../domain/base/instant.ts'
import type { Feasibility } from '../domain/plan/feasibility.ts'
import { CLOCK_MS } from '../domain/workload/taken-back.ts'

type Following = {
  readonly began: TroubleBegan | null | undefined
  readonly changes: Assessment['changes']
  readonly judgeAgain: (began: TroubleBegan) => Promise<readonly Feasibility[]>
  readonly leftMs: number
}

/** When everything was late already: what was read is known by then, and judged again. */
const AT_LEAST_MS = 100

const TOO_LATE = {
  says: 'Which change precedes the trouble could not be looked at in time: the newest change is taken back.',
  isCause: false,
}

/**
 * The ways back once more, where the newest change may not be the one that precedes the trouble. They are judged
 * beside the measurements first, so that whoever has nothing to add costs no time.
 */
export async function followingTrouble(
  byNewest: readonly Feasibility[],
  { began, changes, judgeAgain, leftMs }: Following,
): Promise<readonly Feasibility[]> {
  if (!began || !byNewest.some(leadsToVersion) || !mayBeAnother(began, changes)) return byNewest
  const { promise: late, resolve } = Promise.withResolvers<readonly Feasibility[]>()
  const timer = setTimeout(() => resolve([]), Math.max(AT_LEAST_MS, leftMs))
  const again = await Promise.race([judgeAgain(began), late])
  clearTimeout(timer)
  return byNewest.map((first) => {
    const then = again.find(({ name }) => name === first.name)
    if (then && (then.known || !first.feasible)) return then
    return leadsToVersion(first) ? { ...first, takesBack: TOO_LATE } : first
  })
}

function leadsToVersion({ feasible, to }: Feasibility): boolean {
  return feasible && to !== null
}

/** Everything that runs was surely there before the trouble: then the newest change precedes it. */
function mayBeAnother({ after }: TroubleBegan, changes: Assessment['changes']): boolean {
  if (!changes || after === null) return true
  const surelyMs = toMs(after) - CLOCK_MS
  return changes.some(({ since }) => since === null || toMs(since.time) > surelyMs)
}
