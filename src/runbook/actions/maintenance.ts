import { cacheOf } from '../parts/require-port.ts'
import { planned } from '../parts/plan-step.ts'
import { infeasible, type Procedure } from '../parts/procedure.ts'
import { setMaintenance } from '../parts/steps/set-maintenance.ts'

/** The keys that the services read, and proof where a page is configured for it. */
export const maintenance: Procedure<'maintenance'> = async (
  { on },
  { world, settings, signal },
) => {
  if (!world.cache) return infeasible('no Redis is configured, and that is where the switch is')
  const { key, messageKey, message, proof } = settings.maintenance
  const redis = cacheOf(world)
  const [cache, state, text] = await Promise.all([
    redis.identity(signal),
    redis.readText(key, signal),
    redis.readText(messageKey, signal),
  ])
  if (on === isOn(state)) return infeasible(`maintenance is ${on ? 'on' : 'off'} already`)
  const texts = [
    { key, from: state, to: on ? 'true' : null },
    { key: messageKey, from: text, to: on ? message : null },
  ]
  const word = on ? 'on' : 'off'
  return {
    kind: 'feasible',
    draft: {
      title: `maintenance ${word}`,
      steps: [planned(setMaintenance, { on, cache, texts, proof })],
      changes: [{ what: 'maintenance', from: on ? 'off' : 'on', to: word }],
      targets: ['redis maintenance'],
      signatures: 1,
      because: 'asked for',
      lost: on ? `People see: ${message}` : 'Nothing: people are let in again.',
      undo: `Yes: turn it ${on ? 'off' : 'on'} again.`,
      cautions: proof ? [] : ['No page is configured that proves it (maintenance.proof).'],
    },
  }
}

/** What services read as off is off: a key that is missing, or says so. */
function isOn(state: string | null): boolean {
  return state !== null && !/^(|0|false|off|no)$/i.test(state.trim())
}
