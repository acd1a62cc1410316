import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import * as fc from 'fast-check'
import { evaluate } from '../../src/assess/matrix.ts'
import type { Assessment } from '../../src/domain/assessment/assessment.ts'
import type { Event, JournaledEvent } from '../../src/domain/incident/event.ts'
import { foldIncident } from '../../src/domain/incident/fold.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { Intent, ReceivedIntent } from '../../src/domain/incident/intent.ts'
import { MeasurementClass, type Measurement } from '../../src/domain/assessment/measurement.ts'
import type { RolloutSeen } from '../../src/domain/assessment/rollout-seen.ts'
import type { Plan } from '../../src/domain/plan/plan.ts'
import type { Feasibility } from '../../src/domain/plan/feasibility.ts'
import { Decision, RuleId, type RuleOutcome } from '../../src/domain/assessment/rule.ts'
import { MatrixSettings } from '../../src/domain/assessment/settings.ts'
import { Symptom } from '../../src/domain/assessment/symptom.ts'
import { Verdict } from '../../src/domain/assessment/verdict.ts'
import type { ComparedChange } from '../../src/domain/workload/newest-change.ts'
import type { Revision, Workload } from '../../src/domain/workload/workload.ts'

/** The moment at which everything in a unit test happens. */
export const atMs = Date.UTC(2026, 10, 22, 3, 12, 7)
export const at = new Date(atMs).toISOString()

export const matrixSettings = MatrixSettings.parse({})

/** A probe's answer; healthy and without a word to say unless told otherwise. */
export function measurement(changes: Partial<Measurement> = {}): Measurement {
  return {
    probe: 'error-ratio-low',
    target: 'all services',
    class: 'value',
    verdict: 'healthy',
    value: 0,
    unit: '%',
    query: 'a query',
    tookMs: 3,
    summary: 'a summary',
    ...changes,
  }
}

/** A percentage as the probe would have measured it. */
export function percent(probe: string, value: number): Measurement {
  return measurement({ probe, value })
}

/** An answer that is not a number. */
export function blind(probe: string, kind: Measurement['class'] = 'no-data'): Measurement {
  const verdict = kind === 'error' ? 'unreachable' : 'inconclusive'
  return measurement({ probe, class: kind, verdict, value: null })
}

/** What a service's health page said; nothing when it could not be reached. */
export function health(target: string, said: 'passing' | 'failing' | 'unreachable'): Measurement {
  const one = { probe: 'health-passing', target, unit: 'HTTP status' }
  if (said === 'passing') return measurement({ ...one, value: 200, summary: 'HTTP 200' })
  if (said === 'failing') {
    return measurement({ ...one, value: 503, verdict: 'degraded', summary: 'HTTP 503' })
  }
  const summary = 'no answer within 3 s'
  return measurement({ ...one, class: 'error', verdict: 'unreachable', value: null, summary })
}

export function targetsUp(value: number, of = 5): Measurement {
  const one = { probe: 'targets-up', target: 'scrape targets', unit: 'targets', value }
  return measurement({ ...one, targets: { up: value, of } })
}

export function rollouts(...seen: readonly RolloutSeen[]): Measurement {
  const one = { probe: 'workloads-ready', target: 'backend, frontend', unit: 'pods not ready' }
  return measurement({ ...one, value: seen.length, rollouts: [...seen] })
}

export function maintenance(on: boolean, otherErrorsPercent: number | null = null): Measurement {
  const one = { probe: 'maintenance-off', target: 'Redis', unit: 'on or off' }
  if (!on) return measurement({ ...one, value: 'off', summary: 'is off' })
  return measurement({ ...one, value: 'on', verdict: 'degraded', otherErrorsPercent })
}

/** Everything that can be measured, and all of it well; the given ones in place of their own kind. */
export function wellBut(...changed: readonly Measurement[]): Measurement[] {
  const usual = [
    health('backend', 'passing'),
    health('frontend', 'passing'),
    percent('error-ratio-low', 0.2),
    percent('logins-succeeding', 0.8),
    percent('latency-near-baseline', 1),
    percent('client-errors-near-baseline', 0.4),
    percent('traffic-near-baseline', 2),
    percent('active-users-near-baseline', 3),
    rollouts(),
    maintenance(false),
    measurement({ probe: 'cache-answering', target: 'Redis', unit: 'ms', value: 0.4 }),
    targetsUp(5),
  ]
  const replaced = new Set(changed.map(({ probe }) => probe))
  return [...changed, ...usual.filter(({ probe }) => !replaced.has(probe))]
}

/** The rules over these measurements and reports, with the runbook's thresholds. */
export function rulesOver(
  measurements: readonly Measurement[],
  symptoms: readonly Symptom[] = [],
): readonly RuleOutcome[] {
  return evaluate({
    symptoms,
    measurements,
    procedures: [],
    clearsCache: true,
    settings: matrixSettings,
  })
}

export function ruleOf(outcomes: readonly RuleOutcome[], rule: RuleId): RuleOutcome {
  const found = outcomes.find((outcome) => outcome.rule === rule)
  if (!found) throw new Error(`there is no rule ${rule}`)
  return found
}

export function revision(number: number, ...images: readonly string[]): Revision {
  return {
    number,
    uid: `uid-${number}`,
    templateHash: `hash${number}`,
    images,
    content: images.join(),
    needs: [],
    // One a day, in the order of their numbers.
    createdAt: new Date(atMs - (100 - number) * 24 * 60 * 60_000).toISOString(),
  }
}

export function workload(service: string, changes: Partial<Workload> = {}): Workload {
  return {
    service,
    name: `deployment/${service}`,
    desired: 2,
    ready: 2,
    updated: 2,
    restarts: 0,
    troubles: [],
    paused: false,
    ownedBy: null,
    servedBy: null,
    templateIsOurs: false,
    managedBy: [],
    current: revision(43, `pipeshub/${service}:v2.0.0`),
    previous: [revision(42, `pipeshub/${service}:v1.9.0`)],
    changed: newestChange(service),
    ...changes,
  }
}

/** Three minutes old, and by a pipeline, unless told otherwise. */
export function newestChange(
  service: string,
  changes: Partial<ComparedChange> = {},
): ComparedChange {
  const since = { time: new Date(atMs - 3 * 60_000).toISOString(), exact: true }
  return {
    service,
    images: [`pipeshub/${service}:v2.0.0`],
    imagesBefore: [`pipeshub/${service}:v1.9.0`],
    kind: 'version',
    since,
    versionSince: since,
    by: 'ci-bot',
    cause: 'fix login',
    commit: null,
    source: null,
    authors: null,
    builtAt: null,
    compareUrl: null,
    ...changes,
  }
}

export function feasible(name: Feasibility['name'], can = true): Feasibility {
  return { name, feasible: can, known: true, because: 'because', to: null, warnings: [] }
}

export function assessment(changes: Partial<Assessment> = {}): Assessment {
  return {
    at,
    symptoms: [],
    measurements: [measurement()],
    rules: [...rulesOver(wellBut())],
    decision: 'do-not',
    verdict: 'healthy',
    reasons: [],
    closestFlip: null,
    recommended: null,
    procedures: [],
    tookMs: 12,
    ...changes,
  }
}

/** An assessment whose deciding rule is this one. */
export function assessmentDecidedBy(rule: RuleId): Assessment {
  const rules = rulesOver(wellBut()).map((outcome) =>
    outcome.rule === rule ? { ...outcome, matched: true, because: `${rule} matched` } : outcome,
  )
  return assessment({ rules, reasons: [rule], decision: ruleOf(rules, rule).decision })
}

/** Events as the journal would give them back, a second apart. */
export function journaled(events: readonly Event[], incident = 'i-1'): JournaledEvent[] {
  return events.map((event, index) => ({
    incident,
    sequence: index + 1,
    at: new Date(atMs + index * 1000).toISOString(),
    event,
  }))
}

export function incidentAfter(...events: readonly Event[]): Incident {
  return foldIncident('i-1', journaled(events))
}

export const place = { channel: 'C0INCIDENTS', thread: null }

export const opened: Event = {
  type: 'incident-opened',
  by: 'U0ANA',
  place,
  environment: 'production',
}
export const requested: Event = { type: 'assessment-requested', by: 'U0ANA' }
export const taken: Event = { type: 'assessment-taken', assessment: assessment() }
export const closed: Event = { type: 'incident-closed', by: 'U0ANA' }
export const declared: Event = {
  type: 'incident-declared',
  by: 'U0ANA',
  channel: 'C0INCIDENTS',
  title: '5xx above 50 %',
  severity: 'critical',
  description: '',
  services: ['backend'],
  procedure: 'kubernetes',
  toVersion: null,
}

export const TWO: Plan['signatures'] = [{ count: 2, from: 'approvers' }]
export const ONE: Plan['signatures'] = [{ count: 1, from: 'approvers', requesterCounts: true }]

export function plan(changes: Partial<Plan> = {}): Plan {
  return {
    title: 'backend back to v1.9.0',
    steps: [
      { id: 'restore-revisions', title: 'Return backend to v1.9.0', input: {} },
      { id: 'prove-services', title: 'Prove that backend are well', input: {} },
    ],
    changes: [{ what: 'backend', from: 'v2.0.0', to: 'v1.9.0' }],
    targets: ['deployment production/backend'],
    signatures: [...TWO],
    because: 'the last one that ran for a day',
    lost: 'Nothing is deleted.',
    undo: 'Yes: back to what runs now.',
    cautions: [],
    digest: '3f9ab0c23f9ab0c2',
    schema: 3,
    expectedMs: null,
    ...changes,
  }
}

/** Asked for by Ana, and resolved. */
export function proposed(proposal = plan(), request?: PlanRequest, number = 1): Event[] {
  const by = { by: 'U0ANA', human: 'ana' }
  const wanted = request ?? { kind: 'kubernetes', toVersion: null }
  return [
    { type: 'plan-requested', plan: number, ...by, request: wanted },
    { type: 'plan-proposed', plan: number, proposal },
  ]
}

export function signed(by: string, digest = plan().digest, number = 1): Event {
  const expiresAt = new Date(atMs + 15 * 60_000).toISOString()
  return { type: 'plan-approved', plan: number, by, human: by, digest, expiresAt }
}

export const runStarted: Event = { type: 'run-started', plan: 1 }

/** A step carried out, in a second. */
export function stepDone(step: number, says: string, applied = true): Event[] {
  return [
    { type: 'step-started', plan: 1, step },
    { type: 'step-succeeded', plan: 1, step, applied, says },
  ]
}

export function received(intent: Intent, changes: Partial<ReceivedIntent> = {}): ReceivedIntent {
  return { delivery: 'delivery-1', by: 'U0ANA', place, card: null, intent, ...changes }
}

/* What fast-check may come up with. */

const SymptomArbitrary = fc.constantFrom(...Symptom.options)

export const SymptomsArbitrary = fc.uniqueArray(SymptomArbitrary, { maxLength: 3 })

export const VerdictArbitrary = fc.constantFrom(...Verdict.options)

export const IntentArbitrary: fc.Arbitrary<Intent> = fc.oneof(
  fc.record({ kind: fc.constant('assess' as const), symptoms: fc.array(SymptomArbitrary) }),
  fc.record({
    kind: fc.constant('start' as const),
    description: fc.string(),
    services: fc.subarray(['backend', 'frontend']),
    symptoms: fc.array(SymptomArbitrary),
    procedure: fc.constantFrom('kubernetes' as const, null),
    toVersion: fc.constantFrom('v1.9.0', null),
  }),
  fc.record({
    kind: fc.constantFrom('declare' as const, 'check-again' as const, 'close' as const),
  }),
  fc.record({ kind: fc.constant('report-symptom' as const), symptom: SymptomArbitrary }),
)

/** Any outcome of the matrix, matched at will: more than the measurements could bring about. */
export const OutcomesArbitrary: fc.Arbitrary<readonly RuleOutcome[]> = fc
  .tuple(
    ...RuleId.options.map(() =>
      fc.record({
        matched: fc.constantFrom(true, false, 'unknown' as const),
        measured: fc.double({ min: 0, max: 200, noNaN: true }),
      }),
    ),
  )
  .map((picks) => rulesOver(wellBut()).map((outcome, index) => ({ ...outcome, ...picks[index] })))

/** Any answers of any of the probes, in any order and number. */
export const MeasurementsArbitrary: fc.Arbitrary<readonly Measurement[]> = fc.array(
  fc
    .record({
      probe: fc.constantFrom(...new Set(wellBut().map(({ probe }) => probe))),
      target: fc.constantFrom('backend', 'frontend', 'Redis'),
      kind: fc.constantFrom(...MeasurementClass.options),
      value: fc.double({ min: -200, max: 200, noNaN: true }),
      degraded: fc.boolean(),
    })
    .map(({ probe, target, kind, value, degraded }) =>
      kind === 'value'
        ? measurement({ probe, target, value, verdict: degraded ? 'degraded' : 'healthy' })
        : { ...blind(probe, kind), target },
    ),
  { maxLength: 12 },
)

/** From "do not" to "roll back". */
export function rank(decision: Decision): number {
  return Decision.options.indexOf(decision)
}
