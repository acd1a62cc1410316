import { whyNotNow } from '../parts/cache-now.ts'
import { maintenanceSwitch } from '../parts/maintenance.ts'
import { draftOf } from '../parts/part.ts'
import { infeasible, type Action } from '../procedure.ts'

/** The keys that the services read, and proof where a page is configured for it. */
export const maintenance: Action<'maintenance'> = async ({ on, message }, circumstances) => {
  const [found, why] = await Promise.all([
    maintenanceSwitch(circumstances, message),
    whyNotNow(circumstances),
  ])
  if (!found) return infeasible('no Redis is configured, and that is where the switch is')
  if (on === found.isOn) return infeasible(`maintenance is ${on ? 'on' : 'off'} already`)
  if (why !== null) return infeasible(why)
  const words = {
    title: `maintenance ${on ? 'on' : 'off'}`,
    because: 'asked for',
    undo: `Yes: turn it ${on ? 'off' : 'on'} again.`,
    ...(on ? {} : { lost: 'Nothing: people are let in again.' }),
  }
  const parts = [on ? found.turnedOn : found.turnedOff]
  return { kind: 'feasible', draft: draftOf('maintenance', words, parts, circumstances.settings) }
}
