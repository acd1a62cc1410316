import { againstUsual } from './against-usual.ts'
import { byHand, toServices } from './alternatives.ts'
import { excusedInMaintenance, maintenanceOn } from './in-maintenance.ts'
import type { RuleRow } from './rule-row.ts'
import { rolloutUnfinished, targetsDown } from './running.ts'

/** Before all that a person decides: it explains most of what else is seen. */
export const rolloutRow: RuleRow = {
  rule: 'rollout-unfinished',
  severity: 'high',
  decision: 'person-decides',
  alternatives: [byHand('see why it does not come up')],
  condition: rolloutUnfinished,
}

/** What the runbook is silent about: numbers against what is usual, and what was switched on purpose. */
export const usualRows: readonly RuleRow[] = [
  {
    rule: 'client-errors-up',
    severity: 'high',
    decision: 'person-decides',
    alternatives: [byHand('look at routes, login and the edge')],
    condition: againstUsual(
      'client-errors-near-baseline',
      ({ clientErrorsUpPoints }) => ({ from: clientErrorsUpPoints }),
      (limit) => `from ${limit} points more`,
    ),
  },
  {
    rule: 'traffic-down',
    severity: 'high',
    decision: 'person-decides',
    alternatives: [byHand('look at the edge, DNS and login')],
    condition: excusedInMaintenance(
      againstUsual(
        'traffic-near-baseline',
        ({ trafficDownPercent }) => ({ above: trafficDownPercent }),
        (limit) => `below -${limit} %`,
      ),
    ),
  },
  {
    rule: 'targets-down',
    severity: 'high',
    decision: 'person-decides',
    alternatives: [toServices('restart or scale what is down')],
    condition: targetsDown,
  },
  {
    rule: 'maintenance-on',
    severity: 'medium',
    decision: 'do-not',
    alternatives: [byHand('turn maintenance off once the work is done')],
    condition: maintenanceOn,
  },
]
