import { advice, byHand, ifFeasible, mendCache, toServices } from './alternatives.ts'
import { excusedInMaintenance, withoutMaintenanceErrors } from './in-maintenance.ts'
import type { RuleOutcome } from '../domain/assessment/rule.ts'
import type { Symptom } from '../domain/assessment/symptom.ts'
import { activeUsersDown, percentRule, rise, cacheTrouble } from './conditions.ts'
import type { Verdict } from '../domain/assessment/verdict.ts'
import { latencyRule } from './latency-rules.ts'
import type { MatrixSettings } from '../domain/assessment/settings.ts'
import type { Observed, Seen } from './observed.ts'
import { completeOutage, partialOutage } from './outage.ts'
import { tenantsApart } from './probes/tenants-apart.ts'
import { ratioAbove, ratioFrom, type Usual } from './ratio-rules.ts'
import { ratioUnusual } from './ratio-unusual.ts'
import { rolloutRow, usualRows } from './rows-of-ours.ts'
import type { RuleRow } from './rule-row.ts'

const MEND_ERRORS = [
  ifFeasible('feature-flag', 'switch the feature flag off'),
  byHand('fix it directly'),
]

/** The runbook's decision matrix, with our additions. The first match wins; every rule is evaluated. */
export const matrix: readonly RuleRow[] = [
  {
    rule: 'cross-organisation-leak',
    severity: 'critical',
    decision: 'roll-back',
    alternatives: [],
    condition: organisationLeak,
  },
  {
    rule: 'data-loss-or-corruption',
    severity: 'critical',
    decision: 'roll-back',
    // That way back is the one recommended, wherever it is possible: said once, below.
    alternatives: [],
    condition: reported('data is lost or corrupt', 'data-loss', 'data-corruption'),
  },
  {
    rule: 'complete-outage',
    severity: 'critical',
    decision: 'roll-back',
    alternatives: [],
    condition: completeOutage,
  },
  {
    rule: 'errors-critical',
    severity: 'critical',
    decision: 'roll-back',
    alternatives: [],
    condition: withoutMaintenanceErrors(
      ratioAbove(errors(({ errorsCriticalPercent }) => errorsCriticalPercent)),
    ),
  },
  {
    rule: 'login-failures-critical',
    severity: 'critical',
    decision: 'roll-back',
    alternatives: [],
    condition: excusedInMaintenance(ratioAbove(logins(loginLimit))),
  },
  {
    rule: 'latency-high',
    severity: 'high',
    decision: 'roll-back',
    alternatives: [toServices('scale up')],
    condition: latencyRule(({ latencyHighPercent }) => ({ above: latencyHighPercent })),
  },
  rolloutRow,
  {
    rule: 'errors-elevated',
    severity: 'high',
    decision: 'person-decides',
    alternatives: MEND_ERRORS,
    condition: withoutMaintenanceErrors(
      ratioFrom(
        errors(({ errorsElevatedPercent }) => errorsElevatedPercent),
        ({ errorsCriticalPercent }) => errorsCriticalPercent,
      ),
    ),
  },
  {
    rule: 'login-failures-elevated',
    severity: 'high',
    decision: 'person-decides',
    alternatives: [byHand('fix it directly')],
    condition: excusedInMaintenance(
      ratioFrom(
        logins(({ loginFailuresElevatedPercent: percent }, usual) =>
          Math.max(percent, usual.always ? MORE_THAN_USUAL * (usual.percent ?? 0) : 0),
        ),
        loginLimit,
      ),
    ),
  },
  {
    rule: 'errors-unusual',
    severity: 'high',
    decision: 'person-decides',
    alternatives: MEND_ERRORS,
    condition: withoutMaintenanceErrors(
      ratioUnusual({ probe: 'error-ratio-low', name: '5xx' }, (settings) => ({
        times: settings.errorsUnusualTimes,
        atLeast: settings.errorsUnusualPercent,
      })),
    ),
  },
  {
    rule: 'partial-outage',
    severity: 'high',
    decision: 'person-decides',
    alternatives: [toServices('restart or scale the service that fails')],
    condition: partialOutage,
  },
  {
    rule: 'active-users-down',
    severity: 'high',
    decision: 'person-decides',
    alternatives: [byHand('look at the edge, DNS and login')],
    condition: excusedInMaintenance(activeUsersDown),
  },
  {
    rule: 'latency-elevated',
    severity: 'medium',
    decision: 'person-decides',
    alternatives: [toServices('scale up')],
    condition: latencyRule(({ latencyElevatedPercent, latencyHighPercent }) => ({
      from: latencyElevatedPercent,
      to: latencyHighPercent,
    })),
  },
  ...usualRows,
  {
    rule: 'single-organisation',
    severity: 'medium',
    decision: 'do-not',
    alternatives: [byHand('fix it for that organisation')],
    condition: reported('a single organisation is affected', 'single-organisation'),
  },
  {
    rule: 'ui-issue',
    severity: 'medium',
    decision: 'do-not',
    alternatives: [byHand('hot fix')],
    condition: reported('something looks wrong on screen', 'ui-issue'),
  },
  {
    rule: 'cache-issue',
    severity: 'low',
    decision: 'do-not',
    alternatives: [mendCache],
    condition: cacheTrouble,
  },
  {
    rule: 'minor-issue',
    severity: 'low',
    decision: 'do-not',
    alternatives: [byHand('watch it, hot fix')],
    condition: minorIssue,
  },
]

/** Where logins always fail so often, people mistype: more than usual is trouble, and far more an outage. */
const MORE_THAN_USUAL = 1.5

function loginLimit(
  { loginFailuresCriticalPercent, loginFailuresUsualTimes }: MatrixSettings,
  usual: Usual,
): number {
  return Math.max(loginFailuresCriticalPercent, loginFailuresUsualTimes * (usual.percent ?? 0))
}

function errors(limitOf: (settings: MatrixSettings, usual: Usual) => number) {
  return { probe: 'error-ratio-low', name: '5xx', limitOf }
}

function logins(limitOf: (settings: MatrixSettings, usual: Usual) => number) {
  return { probe: 'logins-succeeding', name: 'failed logins', limitOf }
}

export function evaluate(observed: Observed): readonly RuleOutcome[] {
  return matrix.map(({ rule, severity, decision, alternatives, condition }) => ({
    rule,
    severity,
    decision,
    alternative: advice(alternatives, observed),
    ...condition(observed),
  }))
}

/** A person's word. Not reported is "no", not "unknown". */
function reported(words: string, ...any: readonly Symptom[]) {
  return ({ symptoms }: Pick<Observed, 'symptoms'>): Seen => {
    const matched = any.some((symptom) => symptoms.includes(symptom))
    const because = matched ? `${words} (reported)` : 'not reported'
    return { matched, measured: null, unit: null, threshold: null, because }
  }
}

/** A person's word, or what was seen by asking as somebody of one organisation, where the settings say how. */
function organisationLeak(observed: Observed): Seen {
  const told = reported(
    'data of one organisation is visible to another',
    'cross-organisation-leak',
  )(observed)
  const asked = observed.measurements.filter(({ probe }) => probe === tenantsApart.id)
  const of = (...verdicts: readonly Verdict[]) =>
    asked.find(({ verdict }) => verdicts.includes(verdict))
  const seen = of('degraded')
  const blind = of('unreachable', 'inconclusive')
  if (told.matched === true) return told
  if (seen) return { ...told, matched: true, because: `${seen.target}: ${seen.summary}` }
  if (!blind) return told
  return { ...told, matched: 'unknown', because: `not known: ${blind.target}: ${blind.summary}` }
}

function minorIssue(observed: Observed): Seen {
  const feature = reported('a single feature fails', 'feature-failure')(observed)
  if (feature.matched === true) return feature
  return percentRule(
    'latency-near-baseline',
    rise('p95'),
    ({ latencyMinorPercent, latencyElevatedPercent }) => ({
      from: latencyMinorPercent,
      below: latencyElevatedPercent,
    }),
  )(observed)
}
