import type { RequestKind } from '../../domain/plan/plan-request.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import { hasDone } from '../../domain/plan/run.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { Incident } from '../../domain/incident/incident.ts'

/** How long such plans took that went well, and each of these steps in them, by the median; `null` when none ever did. */
export type UsualDuration = {
  readonly expectedMs: number | null
  readonly usualStepsMs: (number | null)[]
}

export function usualDuration(
  kind: RequestKind,
  steps: readonly Pick<PlannedStep, 'id'>[],
  incidents: readonly Incident[],
): UsualDuration {
  const went = incidents
    .flatMap(({ plans }) => plans)
    .filter(({ request, run }) => request.kind === kind && hasDone(run))
  const whole = went.flatMap(({ run }) => tookMs(run?.startedAt, run?.ended?.at))
  const each = went.map(({ plan, run }) => {
    const ids = nthOfItsKind(plan?.steps ?? [])
    const took = run?.steps.map((step) =>
      step.kind === 'succeeded' ? tookMs(step.startedAt, step.at) : [],
    )
    return new Map(ids.map((id, at) => [id, took?.[at] ?? []]))
  })
  return {
    expectedMs: median(whole),
    usualStepsMs: nthOfItsKind(steps).map((id) =>
      median(each.flatMap((took) => took.get(id) ?? [])),
    ),
  }
}

/** A plan may have the same step twice, as to stop and to start: each is held against its own. */
function nthOfItsKind(steps: readonly Pick<PlannedStep, 'id'>[]): readonly string[] {
  return steps.map(({ id }, at) => {
    const before = steps.slice(0, at).filter((one) => one.id === id)
    return `${id} ${before.length + 1}`
  })
}

function tookMs(from: string | undefined, to: string | undefined): number[] {
  return from === undefined || to === undefined ? [] : [toMs(to) - toMs(from)]
}

function median(took: readonly number[]): number | null {
  return took.toSorted((a, b) => a - b)[Math.floor(took.length / 2)] ?? null
}
