import type { EngineDeps } from './engine-types.ts'
import type { IncidentLog } from './journal/incident-log.ts'
import type { KnownIncidents } from './journal/known-incidents.ts'
import { checkpointRecorder } from './record-checkpoints.ts'
import { observationRecorder } from './record-observations.ts'
import type { AllRights } from './rights-outside.ts'
import { stepCarrier } from './run/carry-out.ts'
import { gateCheck } from './run/gate-check.ts'
import { planKnower } from './run/knows-plan.ts'
import { planning } from './run/planning.ts'
import { planRunner } from './run/run-plan.ts'
import { usualDuration } from './run/usual-duration.ts'

/** How many incidents tell how long a plan usually takes: what was longer ago says little. */
const LATELY = 50

/** Everything that is done beside the loop: observing, planning, and carrying out what is signed. */
export function worksOf(
  deps: EngineDeps & {
    readonly incidents: IncidentLog
    readonly known: KnownIncidents
    readonly rights: AllRights
    readonly released: () => void
    readonly stopped: AbortSignal
  },
) {
  const { known, rights, clock } = deps
  const { approval } = deps.rules
  const knowsPlan = planKnower(deps)
  const plans = planning({
    ...deps,
    knowsPlan,
    tookBefore: async (kind, steps) => usualDuration(kind, steps, await known.newest(LATELY)),
  })
  const runs = planRunner({
    ...deps,
    knowsPlan,
    carryOut: stepCarrier({
      ...deps,
      gateCheck: gateCheck({ planning: plans, rights, approval, clock }),
    }),
  })
  const observing = observationRecorder(deps)
  const works = {
    assess: observing.assess,
    'collect-evidence': observing.collectEvidence,
    look: observing.look,
    verify: observing.verify,
    'write-report': observing.writeReport,
    'resolve-plan': plans.resolve,
    rehearse: plans.rehearse,
    prepare: plans.prepare,
    run: runs.run,
    checkpoint: checkpointRecorder(deps).checkpoint,
  }
  return { plans, runs, works }
}
