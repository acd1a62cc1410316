import { defineStep } from '../../../engine/run/step.ts'
import { z } from 'zod'
import { deploymentsOf } from '../../parts/require-port.ts'
import { rolledOut } from '../rolled-out.ts'
import { markOf, podsOf, Scaling, standingOf } from '../scaling.ts'
import { undoCautions } from '../undo-cautions.ts'
import { rehearseAll, writeAll } from '../write-all.ts'

/** A Deployment gets another number of replicas; the number it had is remembered for the way back. */
export const scaleWorkload = defineStep({
  id: 'scale-workload',
  input: Scaling.extend({
    /** Another step of the same plan has scaled it before, and this one takes that back. */
    again: z.literal(true).optional(),
  }),
  deadlineMs: () => 5 * 60_000,
  onAbort: 'finish',

  title: ({ service, from, to }) => `Scale ${service} from ${from} to ${to} replicas`,

  async inspect({ world, key, signal }, { again, ...scaling }) {
    const [release] = await deploymentsOf(world).sightings([scaling.service], signal)
    return standingOf(scaling, release, markOf(key, again))
  },

  apply: (context, { to, again }, seen) =>
    writeAll({ ...context, key: markOf(context.key, again) }, [
      { seen, change: { kind: 'replicas', to } },
    ]),
  rehearse: (context, { to }, seen) =>
    rehearseAll(context, [{ seen, change: { kind: 'replicas', to } }]),

  verify: (context, { service, uid, to }) =>
    rolledOut(context, [{ service, uid, templateHash: null, replicas: to }]),

  async adviseUndo(context, { service }, undo) {
    return { problem: null, cautions: await undoCautions('scaled', [service], context, undo) }
  },

  onUndo: {
    kind: 'invert',
    input: ({ from, to, ...workload }) => ({ ...workload, from: to, to: from }),
  },

  changes: ({ service, from, to }) => [{ what: service, from: podsOf(from), to: podsOf(to) }],
})
