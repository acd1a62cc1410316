import type { Decision, Severity } from '../domain/rule.ts'
import type { Verdict } from '../domain/verdict.ts'

/** The words that stand for what the program decides. One place, so that every card says the same. */
export const DECISION_WORDS: Record<Decision, string> = {
  'roll-back': 'Roll back',
  'person-decides': 'A person decides',
  'do-not': 'Do not roll back',
}

export const DECISION_SIGNS: Record<Decision, string> = {
  'roll-back': ':red_circle:',
  'person-decides': ':large_yellow_circle:',
  'do-not': ':large_green_circle:',
}

export const VERDICT_WORDS: Record<Verdict, string> = {
  healthy: 'healthy',
  inconclusive: 'inconclusive',
  unreachable: 'could not ask',
  degraded: 'degraded',
}

export const SEVERITY_WORDS: Record<Severity, string> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
}

/** What each probe looks at, in the words of a responder. */
export const PROBE_WORDS: Record<string, string> = {
  'health-passing': 'Health',
  'error-ratio-low': '5xx errors',
  'logins-succeeding': 'Logins',
  'latency-near-baseline': 'Latency',
  'active-users-near-baseline': 'Active users',
  'workloads-ready': 'Pods',
  'database-answering': 'Database',
  'cache-answering': 'Cache',
  'targets-up': 'Scrape targets',
  'metrics-fresh': 'Metrics',
  'version-known': 'Version',
}
