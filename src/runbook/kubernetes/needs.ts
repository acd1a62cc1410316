import { toMs } from '../../domain/base/instant.ts'
import type { Need, NeedSeen } from '../../domain/workload/need.ts'
import type { Revision } from '../../domain/workload/workload.ts'
import type { Workloads } from '../../ports/workloads.ts'
import type { Judged } from '../procedure.ts'
import { judgedWays, type Running, type Way, type Ways } from './ways.ts'

type Kept = Revision & { readonly needs: readonly Need[] }

/**
 * The same judgement, without those that would not start: what their template needs is gone. What runs now
 * needs is there, or its pods would not run. What may not be looked at, and what has changed since, is said.
 */
export async function withNeeds<Of extends Kept, Service extends Running<Of>>(
  judged: Judged<Ways<Of, Service>>,
  workloads: Pick<Workloads, 'needs'>,
  signal: AbortSignal,
): Promise<Judged<Ways<Of, Service>>> {
  if (judged.kind === 'infeasible') return judged
  const { ways, stay } = judged.found
  const asked = ways.flatMap(neededOnlyThen)
  if (asked.length === 0) return judged
  const seen = await workloads.needs(unique(asked), signal)
  const told = ways.map((way) => ({ way, needs: found(neededOnlyThen(way), seen) }))
  const gone = told.flatMap(({ way, needs }) => {
    const missing = needs.filter(({ state }) => state === 'missing').map(nameOf)
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
  return judgedWays({ ways: left, problems, stay: [...stay, ...cautions] })
}

function neededOnlyThen<Of extends Kept>({ from, to }: Way<Of, Running<Of>>): readonly Need[] {
  return to.needs.filter((need) => from.needs.every((one) => nameOf(one) !== nameOf(need)))
}

function unique(needs: readonly Need[]): readonly Need[] {
  return [...new Map(needs.map((need) => [nameOf(need), need])).values()]
}

function found(needs: readonly Need[], seen: readonly NeedSeen[]): readonly NeedSeen[] {
  return seen.filter((one) => needs.some((need) => nameOf(need) === nameOf(one)))
}

function cautionsOf<Of extends Kept>(
  { release: { service }, from }: Way<Of, Running<Of>>,
  needs: readonly NeedSeen[],
): readonly string[] {
  const unseen = needs.filter(({ state }) => state === 'not-known').map(nameOf)
  const changed = needs.filter(
    ({ changedAt }) => changedAt && toMs(changedAt) > toMs(from.createdAt),
  )
  return [
    ...(unseen.length > 0
      ? [`${service}: see to it that ${unseen.join(' and ')} is still there: Backout may not look.`]
      : []),
    ...changed.map((one) => {
      const when = one.changedAt?.slice(0, 16).replace('T', ' ') ?? ''
      return `${service}: ${nameOf(one)} was changed since, ${when} UTC, and stays as it is.`
    }),
  ]
}

function nameOf({ kind, name }: Need): string {
  return `${kind} ${name}`
}
