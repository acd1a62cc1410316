import type { RequestKind } from '../../domain/plan/plan-request.ts'
import type { PlannedStep } from '../../domain/plan/plan.ts'
import { hasDone } from '../../domain/plan/run.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { Incident } from '../../domain/incident/incident.ts'

/** How long plans of these very steps took that went well, and each of the steps in any such plan, by the median; `null` when none ever did. */
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
  // To restore and to switch are of one kind, and one takes minutes where the other takes seconds.
  const ofThese = idsOf(steps)
  const whole = went
    .filter(({ plan }) => idsOf(plan?.steps ?? []) === ofThese)
    .flatMap(({ run }) => tookMs(run?.startedAt, run?.ended?.at))
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

function idsOf(steps: readonly Pick<PlannedStep, 'id'>[]): string {
  return steps.map(({ id }) => id).join()
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
