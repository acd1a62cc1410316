import { toMs } from '../../domain/base/instant.ts'
import { eachNeedOnce, needName, type Need, type NeedSeen } from '../../domain/workload/need.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import type { Revision } from '../../domain/workload/workload.ts'
import type { Deployments } from '../../ports/deployments.ts'
import type { Judged } from '../procedure.ts'
import { judgedWays, type Running, type Way, type Ways } from './ways.ts'

type Kept = Revision & { readonly needs: readonly Need[] }

/**
 * The same judgement, without those that would not start: what their template needs is gone. What runs now
 * needs is there, or its pods would not run. What may not be looked at, and what has changed since, is said.
 */
export async function withNeeds<Of extends Kept, Service extends Running<Of>>(
  judged: Judged<Ways<Of, Service>>,
  workloads: Pick<Deployments, 'needs'>,
  signal: AbortSignal,
): Promise<Judged<Ways<Of, Service>>> {
  if (judged.kind === 'infeasible') return judged
  const { ways, stay, takesBack } = judged.found
  const asked = ways.flatMap(neededOnlyThen)
  if (asked.length === 0) return judged
  const seen = await workloads.needs(eachNeedOnce(asked), signal)
  const told = ways.map((way) => ({ way, needs: found(neededOnlyThen(way), seen) }))
  const gone = told.flatMap(({ way, needs }) => {
    const missing = needs.filter(({ state }) => state === 'missing').map(needName)
    return missing.length > 0
      ? [{ way, because: `${missing.join(' and ')} is not there any more` }]
      : []
  })
  const left = ways.filter((way) => gone.every((one) => one.way !== way))
  const problems = gone.map(({ way, because }) => {
    return `${way.release.service}: revision ${way.to.number} would not start: ${because}`
  })
  const cautions = told.flatMap(({ way, needs }) =>
    left.includes(way) ? cautionsOf(way, needs) : [],
  )
  return judgedWays({ ways: left, problems, stay: [...stay, ...cautions], takesBack })
}

function neededOnlyThen<Of extends Kept>({ from, to }: Way<Of, Running<Of>>): readonly Need[] {
  return to.needs.filter((need) => from.needs.every((one) => needName(one) !== needName(need)))
}

function found(needs: readonly Need[], seen: readonly NeedSeen[]): readonly NeedSeen[] {
  return seen.filter((one) => needs.some((need) => needName(need) === needName(one)))
}

function cautionsOf<Of extends Kept>(
  { release: { service }, from }: Way<Of, Running<Of>>,
  needs: readonly NeedSeen[],
): readonly string[] {
  const unseen = needs.filter(({ state }) => state === 'not-known').map(needName)
  const changed = needs.flatMap((need) => {
    const { changedAt } = need
    if (changedAt === null || toMs(changedAt) <= toMs(from.createdAt)) return []
    return `${service}: ${needName(need)} was changed since, ${utcDayAndTime(changedAt)}, and stays as it is.`
  })
  return [
    ...(unseen.length > 0
      ? [`${service}: see to it that ${unseen.join(' and ')} is still there: Backout may not look.`]
      : []),
    ...changed,
  ]
}
