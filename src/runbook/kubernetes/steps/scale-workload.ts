import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import { deploymentsOf } from '../../parts/require-port.ts'
import { rolledOut } from '../rolled-out.ts'
import { rehearseAll, writeAll } from '../write-all.ts'

/** A Deployment gets another number of replicas; the number it had is remembered for the way back. */
export const scaleWorkload = defineStep({
  id: 'scale-workload',
  input: z.object({
    service: z.string(),
    name: z.string(),
    uid: z.string(),
    from: z.int().min(0),
    to: z.int().min(0),
    /** Another step of the same plan has scaled it before, and this one takes that back. */
    again: z.literal(true).optional(),
  }),
  deadlineMs: () => 5 * 60_000,
  onAbort: 'finish',

  title: ({ service, from, to }) => `Scale ${service} from ${from} to ${to} replicas`,

  async inspect({ world, key, signal }, { service, uid, from, to, again }) {
    const [release] = await deploymentsOf(world).sightings([service], signal)
    if (release?.uid !== uid) {
      return { kind: 'blocked', begun: false, says: `${service}: it was deleted or made anew` }
    }
    const begun = release.lastWrite === markOf(key, again)
    if (release.replicas === to) return { kind: 'done', begun, says: `${service} asks for ${to}` }
    if (begun) {
      const says = `${service}: somebody scaled it to ${release.replicas} after this plan had scaled it to ${to}`
      return { kind: 'blocked', begun, says }
    }
    if (release.replicas === from) return { kind: 'needed', begun, seen: release }
    const says = `${service}: somebody scaled it to ${release.replicas} meanwhile`
    return { kind: 'blocked', begun, says }
  },

  apply: (context, { to, again }, seen) =>
    writeAll({ ...context, key: markOf(context.key, again) }, [
      { seen, change: { kind: 'replicas', to } },
    ]),
  rehearse: (context, { to }, seen) =>
    rehearseAll(context, [{ seen, change: { kind: 'replicas', to } }]),

  verify: (context, { service, uid, to }) =>
    rolledOut(context, [{ service, uid, templateHash: null, replicas: to }]),

  onUndo: {
    kind: 'invert',
    input: ({ from, to, ...workload }) => ({ ...workload, from: to, to: from }),
  },

  changes: ({ service, from, to }) => [{ what: service, from: podsOf(from), to: podsOf(to) }],
})

/** Two writes of one plan to the same Deployment are told apart. */
function markOf(key: string, again?: true): string {
  return again ? `${key}/again` : key
}

function podsOf(replicas: number): string {
  if (replicas === 0) return 'no pod at all'
  return replicas === 1 ? '1 pod' : `${replicas} pods`
}
