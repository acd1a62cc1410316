import { toMs } from '../../domain/base/instant.ts'
import { eachNeedOnce, needName, type Need, type NeedSeen } from '../../domain/workload/need.ts'
import { utcDayAndTime } from '../../domain/text/utc.ts'
import type { Revision } from '../../domain/workload/workload.ts'
import type { Deployments } from '../../ports/deployments.ts'

export type Kept = Revision & { readonly needs: readonly Need[] }

type Leading = {
  readonly release: { readonly service: string }
  readonly from: Kept
  readonly to: Kept
}

/** Of these ways, those that would start; and what is to be said of the others, and of these. */
export async function needsOf<One extends Leading>(
  ways: readonly One[],
  workloads: Pick<Deployments, 'needs'>,
  signal: AbortSignal,
) {
  const asked = ways.flatMap(neededOnlyThen)
  const seen = asked.length === 0 ? [] : await workloads.needs(eachNeedOnce(asked), signal)
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
  return { left, problems, cautions }
}

function neededOnlyThen({ from, to }: Leading): readonly Need[] {
  return to.needs.filter((need) => from.needs.every((one) => needName(one) !== needName(need)))
}

function found(needs: readonly Need[], seen: readonly NeedSeen[]): readonly NeedSeen[] {
  return seen.filter((one) => needs.some((need) => needName(need) === needName(one)))
}

function cautionsOf(
  { release: { service }, from }: Leading,
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
