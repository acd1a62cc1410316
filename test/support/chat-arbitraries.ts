import { ProcedureName } from '../../src/domain/plan/requests.ts'
import { ClosingOutcome } from '../../src/domain/incident/closing.ts'
import * as fc from 'fast-check'
import type { Assessment } from '../../src/domain/assessment/assessment.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { newIncident } from '../../src/domain/incident/incident.ts'
import { MeasurementClass, type Measurement } from '../../src/domain/assessment/measurement.ts'
import { Decision, RuleId, Severity } from '../../src/domain/assessment/rule.ts'
import { Symptom } from '../../src/domain/assessment/symptom.ts'
import { Verdict } from '../../src/domain/assessment/verdict.ts'
import type { ComparedChange } from '../../src/domain/workload/newest-change.ts'
import type { Workload } from '../../src/domain/workload/workload.ts'

/** What somebody would write to be taken for us, to wake everybody, or to break out of a block. */
export const HOSTILE = [
  '<!channel>',
  '<!here|here>',
  '&lt;!channel&gt;',
  '<@U0ATTACKER>',
  '<#C0ATTACKER>',
  '<https://evil.example|backend>',
  '```',
  '``',
  '`',
  '*approved*',
  '_approved_',
  '~approved~',
  ':white_check_mark:',
  '> quoted',
  '\u202E',
  '\u2060',
  '\u{E0041}',
  '\u001B[31m',
  '\u0000',
  '\uD83D',
  '\n',
  '"\\',
  '&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&&',
] as const

const halves = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 30 })

/** Anybody's words: hostile, long, empty, or any characters at all. */
export const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  halves.map((codes) => String.fromCharCode(...codes)),
  fc
    .array(fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ maxLength: 5 })), { maxLength: 12 })
    .map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...HOSTILE, 'x', '\u{1F600}'), fc.integer({ min: 1, max: 1500 }))
    .map(([part, times]) => part.repeat(times)),
)

export const many = <T>(one: fc.Arbitrary<T>, maxLength = 80) =>
  fc.oneof(
    fc.array(one, { maxLength: 4 }),
    fc.tuple(one, fc.integer({ min: 0, max: maxLength })).map(([item, count]) => {
      return Array.from({ length: count }, () => item)
    }),
  )

const someone = fc.oneof(fc.constantFrom('U012AB3CD', 'W99'), words)
const time = fc
  .integer({ min: 0, max: 2 ** 31 })
  .map((seconds) => new Date(seconds * 1000).toISOString())
const place = fc.record({
  channel: fc.oneof(fc.constant('C012AB3CD'), words),
  thread: fc.constant(null),
})

const revision = fc.record({
  number: fc.nat(),
  uid: words,
  templateHash: words,
  content: words,
  needs: fc.constant([]),
  images: many(words, 5),
  createdAt: time,
})

const since = fc.option(fc.record({ time, exact: fc.boolean() }))

const change: fc.Arbitrary<ComparedChange> = fc.record({
  service: words,
  images: fc.array(words, { maxLength: 5 }),
  imagesBefore: fc.option(fc.array(words, { maxLength: 5 })),
  kind: fc.constantFrom('version', 'restart', 'settings'),
  since,
  versionSince: since,
  by: fc.option(words),
  cause: fc.option(words),
  commit: fc.option(words),
  source: fc.option(words),
  authors: fc.option(words),
  builtAt: fc.option(words),
  compareUrl: fc.option(fc.constant('https://git.example/shop/compare/v1.9.0...v2.0.0')),
})

export const workload: fc.Arbitrary<Workload> = fc.record({
  service: words,
  name: words,
  desired: fc.nat(9),
  ready: fc.nat(9),
  updated: fc.nat(9),
  restarts: fc.nat(),
  troubles: many(words, 20),
  paused: fc.boolean(),
  ownedBy: fc.option(words),
  servedBy: fc.option(words),
  templateIsOurs: fc.boolean(),
  managedBy: many(words, 20),
  current: fc.option(revision),
  previous: many(revision, 5),
  changed: fc.option(change),
})

export const measurement: fc.Arbitrary<Measurement> = fc.record({
  probe: fc.oneof(fc.constant('error-ratio-low'), words),
  target: words,
  class: fc.constantFrom(...MeasurementClass.options),
  verdict: fc.constantFrom(...Verdict.options),
  value: fc.option(fc.oneof(fc.double(), words)),
  unit: words,
  query: words,
  tookMs: fc.nat(),
  summary: words,
})

export const assessment: fc.Arbitrary<Assessment> = fc.record({
  at: time,
  symptoms: fc.subarray(Symptom.options),
  measurements: many(measurement, 40),
  rules: many(
    fc.record({
      rule: fc.constantFrom(...RuleId.options),
      matched: fc.constantFrom(true, false, 'unknown' as const),
      severity: fc.constantFrom(...Severity.options),
      decision: fc.constantFrom(...Decision.options),
      measured: fc.option(fc.double()),
      unit: fc.option(words),
      threshold: fc.option(fc.double()),
      because: words,
      alternative: fc.option(words),
    }),
    15,
  ),
  decision: fc.constantFrom(...Decision.options),
  verdict: fc.constantFrom(...Verdict.options),
  reasons: fc.subarray(RuleId.options),
  closestFlip: fc.option(words),
  recommended: fc.option(fc.constantFrom(...ProcedureName.options)),
  procedures: many(
    fc.record({
      name: fc.constantFrom(...ProcedureName.options),
      feasible: fc.boolean(),
      known: fc.boolean(),
      because: words,
      to: fc.option(words),
      warnings: many(words, 5),
    }),
    5,
  ),
  tookMs: fc.nat(),
  changes: fc.option(many(change, 6)),
})

export const declared = fc.record({
  by: someone,
  at: time,
  channel: fc.oneof(fc.constant('C012AB3CD'), words),
  title: words,
  severity: fc.option(fc.constantFrom(...Severity.options)),
  description: words,
  services: many(words, 10),
  procedure: fc.option(fc.constantFrom(...ProcedureName.options)),
  toVersion: fc.option(words),
})

const closing = fc.record({
  outcome: fc.constantFrom(...ClosingOutcome.options),
  revenue: words,
  sla: words,
})

const address = fc.option(words)

const alert = fc.record({
  fingerprint: words,
  state: fc.constantFrom('firing' as const, 'ended' as const),
  name: words,
  severity: fc.option(words),
  summary: fc.option(words),
  startsAt: time,
  endsAt: fc.option(time),
  links: fc.record({ source: address, runbook: address, alertmanager: address }),
  over: fc.boolean(),
})

/** Any state an incident's cards may have to show, whether or not events lead there. */
export const incident: fc.Arbitrary<Incident> = fc
  .record({
    id: fc.stringMatching(/^[a-z0-9-]{1,60}$/),
    opened: fc.option(fc.record({ by: someone, at: time, place, environment: fc.option(words) })),
    symptoms: fc.subarray(Symptom.options),
    alerts: many(alert, 100),
    alertsLeftOut: fc.nat(),
    assessment: fc.option(assessment),
    assessmentDueSince: fc.option(time),
    declared: fc.option(declared),
    closed: fc.option(
      fc.record({ by: someone, at: time, closing: fc.option(closing, { nil: null }) }),
    ),
    severitySet: fc.option(fc.constantFrom(...Severity.options)),
    fixDeployed: fc.option(fc.record({ by: someone, at: time })),
  })
  .map((fields) => ({ ...newIncident(fields.id), ...fields }))
