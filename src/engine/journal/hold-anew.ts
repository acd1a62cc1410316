import type { Incident } from '../../domain/incident/incident.ts'
import { isRunning } from '../../domain/plan/run.ts'
import type { IncidentLog } from './incident-log.ts'

/** A journal of before there were holds has runs under way that hold nothing. */
export async function holdAnew(
  incidents: Pick<IncidentLog, 'append'>,
  { id, plans }: Incident,
): Promise<void> {
  for (const { number: plan, plan: signed, run } of plans) {
    if (!signed || !isRunning(run)) continue
    await incidents.append(id, () => [], { holds: { plan, targets: signed.targets } })
  }
}
