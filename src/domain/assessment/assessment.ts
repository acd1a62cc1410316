import { ProcedureName } from '../plan/requests.ts'
import { z } from 'zod'
import { Against, Preceding } from './cause.ts'
import { Measurement } from './measurement.ts'
import { NewRoutes } from './new-routes.ts'
import { Onset } from './onset.ts'
import { Feasibility } from '../plan/feasibility.ts'
import { Decision, RuleId, RuleOutcome } from './rule.ts'
import { Symptom } from './symptom.ts'
import { Verdict } from './verdict.ts'
import { ComparedChange } from '../workload/newest-change.ts'
import { OtherChange } from '../workload/other-change.ts'

const AnsweredBy = z.object({ name: z.string(), failed: z.number(), requests: z.number() })

/** What was measured, what it means, and what is recommended. */
export const Assessment = z.object({
  at: z.iso.datetime(),
  symptoms: z.array(Symptom),
  measurements: z.array(Measurement),
  rules: z.array(RuleOutcome),
  decision: Decision,
  verdict: Verdict,
  /** The rules that speak, the deciding one first. Empty when nothing matched and nothing is blind. */
  reasons: z.array(RuleId),
  /** The rule nearest to changing the answer, in words: "5xx 48 %, rule at 50 %". */
  closestFlip: z.string().nullable(),
  recommended: ProcedureName.nullable(),
  procedures: z.array(Feasibility),
  tookMs: z.number(),
  /** The newest change of every service, the newest first; `null`: not known. Left out in old journals. */
  changes: z.array(ComparedChange).nullable().optional(),
  /** When the trouble of the deciding rule began; `null`: no number shows it. Left out in old journals. */
  onset: Onset.nullable().optional(),
  /** What else changed in the last day, the newest first. Left out in old journals. */
  otherChanges: z.array(OtherChange).optional(),
  /** The changes that were there when the trouble began, the likelier first. Left out in old journals. */
  preceding: z.array(Preceding).optional(),
  /** What speaks against a rollback, the strongest first. */
  against: z.array(Against).optional(),
  /** How the versions answered over the same minutes; the one with the most requests first. */
  versions: z.array(AnsweredBy).optional(),
  /** Which failed requests there were none of before the deploy; `null`: not known. */
  newRoutes: NewRoutes.nullable().optional(),
})
export type Assessment = z.infer<typeof Assessment>

/**
 * The public contract of `assess --json`. Fields are added, never renamed or removed: schema 2 is all of schema 1,
 * and of each measurement what it says, and what stands behind its number.
 */
export function assessmentContract(assessment: Assessment) {
  return {
    schema: 2,
    at: assessment.at,
    decision: assessment.decision,
    verdict: assessment.verdict,
    rules: assessment.rules.map(
      ({
        rule,
        matched,
        severity,
        decision,
        measured,
        unit,
        threshold,
        because,
        service = null,
      }) => {
        return { rule, matched, severity, decision, measured, unit, threshold, because, service }
      },
    ),
    measurements: assessment.measurements.map(
      ({ probe, target, class: kind, verdict, value, unit, query, tookMs, summary, detail }) => {
        const asked = { probe, target, class: kind, verdict, value, unit, query, tookMs }
        return { ...asked, summary, ...behind(detail) }
      },
    ),
    reasons: assessment.reasons,
    recommended: assessment.recommended,
    procedures: assessment.procedures.map(({ name, feasible, because, to, takesBack }) => {
      return { name, feasible, because, to, takesBack: takesBack ?? null }
    }),
    changes:
      assessment.changes?.map(({ service, kind, images, imagesBefore, ...told }) => {
        const { since, versionSince, by, cause, commit, source, authors, builtAt, compareUrl } =
          told
        const of = { service, kind, images, imagesBefore, since, versionSince, by, cause }
        return { ...of, commit, source, authors, builtAt, compareUrl }
      }) ?? null,
    onset: assessment.onset
      ? { ...assessment.onset, service: assessment.onset.service ?? null }
      : null,
    against: assessment.against ?? [],
    versions: assessment.versions ?? [],
    newRoutes: assessment.newRoutes ?? null,
    otherChanges: assessment.otherChanges ?? [],
    preceding: assessment.preceding ?? [],
  }
}

/** `null`: nothing of the kind is known, or asked. */
function behind(detail: Measurement['detail'] = {}) {
  return {
    counts: detail.counts ?? null,
    windows: detail.windows ?? [],
    interval: detail.interval ?? null,
    baseline: detail.baseline ?? null,
    baselines: detail.baselines ?? [],
    coverage: detail.coverage ?? null,
    freshness: detail.freshness ?? null,
    services: (detail.services ?? []).map(({ says = null, ...one }) => ({ ...one, says })),
    restarts: detail.restarts ?? null,
    overSince: detail.overSince ?? null,
  }
}
