import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import { deploymentsOf } from '../../parts/require-port.ts'
import { withinMs } from '../pace.ts'
import { rolledOut } from '../rolled-out.ts'
import { rehearseAll, writeAll } from '../write-all.ts'

/** Every pod is replaced by a new one of the same images, a few at a time. */
export const restartWorkload = defineStep({
  id: 'restart-workload',
  input: z.object({
    service: z.string(),
    name: z.string(),
    uid: z.string(),
    templateHash: z.string(),
    withinMinutes: z.number().optional(),
  }),
  deadlineMs: ({ withinMinutes }) => withinMs(withinMinutes),
  onAbort: 'finish',
  onUndo: { kind: 'leave' },

  title: ({ service }) => `Restart ${service}`,

  async inspect({ world, key, signal }, { service, uid, templateHash }) {
    const [release] = await deploymentsOf(world).sightings([service], signal)
    if (release?.uid !== uid) {
      return { kind: 'blocked', begun: false, says: `${service}: it was deleted or made anew` }
    }
    // The restart itself makes another template; that this run asked for it stands on the workload.
    if (release.lastWrite === key) return { kind: 'done', begun: true, says: 'asked for' }
    if (release.current?.templateHash === templateHash) {
      return { kind: 'needed', begun: false, seen: release }
    }
    const says = `${service}: somebody deployed something else meanwhile`
    return { kind: 'blocked', begun: false, says }
  },

  apply: (context, _, seen) => writeAll(context, [{ seen, change: { kind: 'restart' } }]),
  rehearse: (context, _, seen) => rehearseAll(context, [{ seen, change: { kind: 'restart' } }]),

  verify: (context, { service, uid }) => rolledOut(context, [{ service, uid, templateHash: null }]),
})
