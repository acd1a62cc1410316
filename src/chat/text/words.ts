import type { ClosingOutcome } from '../../domain/incident/closing.ts'
import type { ChecklistItem } from '../../domain/incident/checklist.ts'
import type { Decision, RuleId, Severity } from '../../domain/assessment/rule.ts'
import type { StatusStage } from '../../domain/incident/status-page.ts'
import type { StatusPost } from '../../domain/outbox/status-post.ts'
import type { Verdict } from '../../domain/assessment/verdict.ts'
import type { WatchState } from '../../domain/watch/watch.ts'

/** The words that stand for what the program decides. One place, so that every card says the same. */
export const DECISION_WORDS: Record<Decision, string> = {
  'roll-back': 'Roll back',
  'person-decides': 'A person decides',
  'do-not': 'Do not roll back',
}

export const DECISION_SIGNS: Record<Decision, string> = {
  'roll-back': '🔴',
  'person-decides': '🟡',
  'do-not': '🟢',
}

export const VERDICT_WORDS: Record<Verdict, string> = {
  healthy: 'healthy',
  inconclusive: 'not clear',
  unreachable: 'not reached',
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
  'error-ratio-low': 'Errors',
  'client-errors-near-baseline': 'Refused requests',
  'logins-succeeding': 'Logins',
  'latency-near-baseline': 'Latency',
  'traffic-near-baseline': 'Traffic',
  'active-users-near-baseline': 'Active users',
  'workloads-ready': 'Pods',
  'tenants-apart': 'Organisations apart',
  'database-answering': 'Database',
  'cache-answering': 'Cache',
  'maintenance-off': 'Maintenance',
  'targets-up': 'Scrape targets',
  'metrics-fresh': 'Metrics',
  'version-known': 'Version',
  'database-time-usual': 'Query time',
  'cache-hits-usual': 'Cache hits',
  'memory-usual': 'Memory',
  'cpu-usual': 'CPU',
}

/** The overall verdict as the first thing a card says. */
export const VERDICT_SENTENCES: Record<Verdict, string> = {
  healthy: 'Everything that was measured is healthy.',
  inconclusive: 'Not everything could be judged.',
  unreachable: 'Not everything could be reached.',
  degraded: 'Production is degraded.',
}

/** What each rule looks at, for saying what is not known. */
export const RULE_WORDS: Record<RuleId, string> = {
  'cross-organisation-leak': 'data leak',
  'data-loss-or-corruption': 'data loss',
  'complete-outage': 'outage',
  'errors-critical': 'errors',
  'login-failures-critical': 'logins',
  'latency-high': 'latency',
  'rollout-unfinished': 'rollout',
  'errors-elevated': 'errors',
  'login-failures-elevated': 'logins',
  'errors-unusual': '5xx of the last hour',
  'partial-outage': 'outage',
  'active-users-down': 'active users',
  'latency-elevated': 'latency',
  'client-errors-up': 'refused requests',
  'traffic-down': 'traffic',
  'targets-down': 'scrape targets',
  'maintenance-on': 'maintenance',
  'single-organisation': 'organisations',
  'ui-issue': 'user interface',
  'cache-issue': 'cache',
  'minor-issue': 'latency',
}

/** What a watch has found so far. Silence has no good word. */
export const WATCH_WORDS: Record<WatchState, string> = {
  settling: 'not yet stable',
  stable: 'stable',
  relapse: 'bad',
  blind: 'blind, nothing can be seen',
}

export const WATCH_SIGNS: Record<WatchState, string> = {
  settling: '👀',
  stable: '🟢',
  relapse: '🔴',
  blind: '⚫',
}

export const VERDICT_SIGNS: Record<Verdict, string> = {
  healthy: '🟢',
  inconclusive: '⚪',
  unreachable: '⚫',
  degraded: '🔴',
}

export const STAGE_WORDS: Record<StatusStage, string> = {
  investigating: 'investigating',
  identified: 'identified',
  'rolling-back': 'rolling back',
  monitoring: 'monitoring',
  resolved: 'resolved',
}

/** How an incident ended, as whoever closed it said. */
export const OUTCOMES_OF_CLOSING: Record<ClosingOutcome, string> = {
  resolved: 'resolved',
  'handed-on': 'not resolved, handed on',
  'false-alarm': 'a false alarm',
}

/** How a component of the status page is marked. */
export const COMPONENT_WORDS: Record<StatusPost['components'][number]['state'], string> = {
  operational: 'operational',
  degraded_performance: 'degraded performance',
  partial_outage: 'partial outage',
  major_outage: 'major outage',
}

/** What only people do before a rollback, as the runbook calls it. */
export const ITEM_WORDS: Record<ChecklistItem, string> = {
  'on-call-alerted': 'Alert on-call',
  'customers-told': 'Notify key customers',
}

/** A probe's name for people; an id that this version does not know stands for itself. */
export function probeName({
  probe,
  unit,
}: {
  readonly probe: string
  /** Of what it measured: the same is asked of whatever runs the services. */
  readonly unit: string | null
}): string {
  if (probe === 'workloads-ready' && unit?.startsWith('containers')) return 'Containers'
  return Object.hasOwn(PROBE_WORDS, probe) ? (PROBE_WORDS[probe] ?? probe) : probe
}
