import { isOn } from '../../domain/workload/maintenance.ts'
import type { Circumstances } from '../procedure.ts'
import { partOf, type Part } from './part.ts'
import { notProved, setMaintenance } from './steps/set-maintenance.ts'

export type MaintenanceSwitch = {
  /** How the services read it now. */
  readonly isOn: boolean
  /** From how it stands now. */
  readonly turnedOn: Part
  readonly turnedOff: Part
  /** From how `turnedOn` leaves it, for the end of a plan that has begun with that. */
  readonly turnedOffAgain: Part
}

type Texts = { readonly state: string | null; readonly text: string | null }

const OFF: Texts = { state: null, text: null }

/** The switch that services read, and the parts that turn it; `null` where no Redis is configured. */
export async function maintenanceSwitch(
  { world: { cache }, settings, signal }: Circumstances,
  /** What people see meanwhile; left out, what the settings say. */
  message: string = settings.maintenance.message,
): Promise<MaintenanceSwitch | null> {
  if (!cache) return null
  const { name } = cache
  const { key, messageKey, proof } = settings.maintenance
  const [state, text] = await Promise.all([
    cache.readText(key, signal),
    cache.readText(messageKey, signal),
  ])
  const now: Texts = { state, text }
  const on: Texts = { state: 'true', text: message }

  function turning(from: Texts, to: Texts, more: Partial<Part> = {}): Part {
    const texts = [
      { key, from: from.state, to: to.state },
      { key: messageKey, from: from.text, to: to.text },
    ]
    const input = { on: to.state !== null, cache: name, texts, proof }
    return partOf(setMaintenance, input, { targets: ['redis maintenance'], ...more })
  }

  const cautions = notProved({ proof })
  return {
    isOn: isOn(state),
    turnedOn: turning(now, on, { lost: [`People see: ${message}`], cautions }),
    turnedOff: turning(now, OFF, { cautions }),
    turnedOffAgain: turning(on, OFF),
  }
}
