import type { Incident } from '../../domain/incident/incident.ts'
import { isRunning } from '../../domain/plan/run.ts'
import { targetIn } from '../../domain/plan/target.ts'
import type { IncidentLog } from './incident-log.ts'

/** A journal of before there were holds has runs under way that hold nothing. */
export async function holdAnew(
  incidents: Pick<IncidentLog, 'append'>,
  { id, plans }: Incident,
  environment: string,
): Promise<void> {
  for (const { number: plan, plan: signed, run } of plans) {
    if (!signed || !isRunning(run)) continue
    const targets = signed.targets.map((target) => targetIn(environment, target))
    await incidents.append(id, () => [], { holds: { plan, targets } })
  }
}
