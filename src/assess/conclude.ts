import { ProcedureName, REQUESTS } from '../domain/plan/requests.ts'
import type { Feasibility } from '../domain/plan/feasibility.ts'
import type { Decision, RuleId, RuleOutcome } from '../domain/assessment/rule.ts'

export type Conclusion = {
  readonly decision: Decision
  readonly reasons: readonly RuleId[]
}

/**
 * The first match wins. What could not be measured never makes a "do not": when a rule that could
 * say "roll back" is blind, and no rule speaks for acting, a person decides (J10).
 */
export function conclude(outcomes: readonly RuleOutcome[]): Conclusion {
  const matched = outcomes.filter((outcome) => outcome.matched === true)
  const blind = outcomes.filter(
    (outcome) => outcome.matched === 'unknown' && outcome.decision === 'roll-back',
  )
  const [first] = matched
  const decidedBlindly = blind.length > 0 && (first === undefined || first.decision === 'do-not')
  const ranked = decidedBlindly ? [...blind, ...matched] : [...matched, ...blind]
  return {
    decision: decidedBlindly ? 'person-decides' : (first?.decision ?? 'do-not'),
    reasons: ranked.map(({ rule }) => rule),
  }
}

/** Farther from its limit than this part of it, a number changes nothing soon. */
const WORTH_SAYING = 0.2

/** The rule whose measured number lies nearest to changing the decision, in words; `null` if none can. */
export function closestFlip(outcomes: readonly RuleOutcome[]): string | null {
  const { decision } = conclude(outcomes)
  const candidates = outcomes.flatMap((outcome, index) => {
    const { matched, measured, threshold, unit } = outcome
    if (matched === 'unknown' || unit !== '%' || measured === null || !threshold) return []
    const flipped = outcomes.with(index, { ...outcome, matched: !matched })
    const distance = Math.abs(measured - threshold) / threshold
    if (distance > WORTH_SAYING || conclude(flipped).decision === decision) return []
    return [{ outcome, distance }]
  })
  candidates.sort((a, b) => a.distance - b.distance)
  return candidates[0]?.outcome.because ?? null
}

/**
 * The cheapest feasible procedure that reverses the symptom: the flag, then the code. Where data is lost or corrupt
 * only one that brings data back does, and what brings back the code is what is left where there is none.
 */
export function recommend(
  conclusion: Conclusion,
  procedures: readonly Feasibility[],
): ProcedureName | null {
  if (conclusion.decision === 'do-not') return null
  const data = conclusion.reasons.includes('data-loss-or-corruption')
  const fitting = [...(data ? bringing('data') : []), ...bringing('code')]
  const feasible = (name: ProcedureName) =>
    procedures.some((procedure) => procedure.name === name && procedure.feasible)
  return fitting.find(feasible) ?? null
}

function bringing(back: 'code' | 'data'): readonly ProcedureName[] {
  return ProcedureName.options.filter((name) => REQUESTS[name].rollsBack === back)
}
