import type { RuleId } from '../../src/domain/assessment/rule.ts'
import type { exitCodes } from './assessment-json.ts'
import type { Past } from './written-past.ts'

export type Row = {
  readonly past: Past
  /** In Redis, against a hundred yesterday. */
  readonly activeUsers?: number
  /** The rule that is to match, and what it is to have measured; `null`: none matches. */
  readonly matches: readonly [RuleId, number] | null
  readonly decision: keyof typeof exitCodes
}

/** Each row of the matrix that measures a percentage, on both sides of each of its limits. */
export const rows: readonly Row[] = [
  { past: { case: 'healthy' }, matches: null, decision: 'do-not' },
  { past: { case: 'no-failures', noFailedSeries: true }, matches: null, decision: 'do-not' },
  { past: { case: 'errors-4', errorPercent: 4.8 }, matches: null, decision: 'do-not' },
  {
    past: { case: 'errors-5', errorPercent: 5.2 },
    matches: ['errors-elevated', 5.2],
    decision: 'person-decides',
  },
  {
    past: { case: 'errors-49', errorPercent: 49.8 },
    matches: ['errors-elevated', 49.8],
    decision: 'person-decides',
  },
  {
    past: { case: 'errors-50', errorPercent: 50.2 },
    matches: ['errors-critical', 50.2],
    decision: 'roll-back',
  },
  { past: { case: 'logins-1', loginFailurePercent: 1.8 }, matches: null, decision: 'do-not' },
  {
    past: { case: 'logins-2', loginFailurePercent: 2.2 },
    matches: ['login-failures-elevated', 2.2],
    decision: 'person-decides',
  },
  {
    past: { case: 'logins-9', loginFailurePercent: 9.8 },
    matches: ['login-failures-elevated', 9.8],
    decision: 'person-decides',
  },
  {
    past: { case: 'logins-10', loginFailurePercent: 10.2 },
    matches: ['login-failures-critical', 10.2],
    decision: 'roll-back',
  },
  { past: { case: 'slow-4', p95Seconds: 0.209 }, matches: null, decision: 'do-not' },
  {
    past: { case: 'slow-5', p95Seconds: 0.211 },
    matches: ['minor-issue', 5.5],
    decision: 'do-not',
  },
  {
    past: { case: 'slow-19', p95Seconds: 0.239 },
    matches: ['minor-issue', 19.5],
    decision: 'do-not',
  },
  {
    past: { case: 'slow-20', p95Seconds: 0.241 },
    matches: ['latency-elevated', 20.5],
    decision: 'person-decides',
  },
  {
    past: { case: 'slow-49', p95Seconds: 0.299 },
    matches: ['latency-elevated', 49.5],
    decision: 'person-decides',
  },
  {
    past: { case: 'slow-50', p95Seconds: 0.301 },
    matches: ['latency-high', 50.5],
    decision: 'roll-back',
  },
  { past: { case: 'users-51' }, activeUsers: 51, matches: null, decision: 'do-not' },
  {
    past: { case: 'users-49' },
    activeUsers: 49,
    matches: ['active-users-down', 51],
    decision: 'person-decides',
  },
]

/** What cannot be measured, how the measurement of the errors is then called, and what is blind. */
export const silences: readonly [past: Past, kind: string, blind: readonly RuleId[]][] = [
  [
    { case: 'no-traffic', requestsPerSecond: 0 },
    'no-traffic',
    ['errors-critical', 'login-failures-critical', 'latency-high'],
  ],
  [
    { case: 'hardly-any', requestsPerSecond: 0.1 },
    'no-traffic',
    ['errors-critical', 'login-failures-critical'],
  ],
  [
    { case: 'no-data', nothingCounted: true },
    'no-data',
    ['errors-critical', 'login-failures-critical', 'latency-high', 'active-users-down'],
  ],
  [
    { case: 'stale', newestSecondsAgo: 240, errorPercent: 0 },
    'no-data',
    ['errors-critical', 'login-failures-critical', 'latency-high'],
  ],
]
