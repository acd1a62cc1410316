import { draftOf, partOf } from '../parts/part.ts'
import { infeasible, type Action } from '../procedure.ts'
import { setMaintenance } from '../parts/steps/set-maintenance.ts'

/** The keys that the services read, and proof where a page is configured for it. */
export const maintenance: Action<'maintenance'> = async (
  { on, message: own },
  { world, settings, signal },
) => {
  const { cache } = world
  if (!cache) return infeasible('no Redis is configured, and that is where the switch is')
  const { key, messageKey, proof } = settings.maintenance
  const message = own ?? settings.maintenance.message
  const [state, text] = await Promise.all([
    cache.readText(key, signal),
    cache.readText(messageKey, signal),
  ])
  if (on === isOn(state)) return infeasible(`maintenance is ${on ? 'on' : 'off'} already`)
  const texts = [
    { key, from: state, to: on ? 'true' : null },
    { key: messageKey, from: text, to: on ? message : null },
  ]
  const part = partOf(
    setMaintenance,
    { on, cache: cache.name, texts, proof },
    { targets: ['redis maintenance'] },
  )
  const words = {
    title: `maintenance ${on ? 'on' : 'off'}`,
    because: 'asked for',
    lost: on ? `People see: ${message}` : 'Nothing: people are let in again.',
    undo: `Yes: turn it ${on ? 'off' : 'on'} again.`,
    cautions: proof ? [] : ['No page is configured that proves it (maintenance.proof).'],
  }
  return { kind: 'feasible', draft: draftOf('maintenance', words, [part], settings) }
}

/** What services read as off is off: a key that is missing, or says so. */
function isOn(state: string | null): boolean {
  return state !== null && !/^(|0|false|off|no)$/i.test(state.trim())
}
