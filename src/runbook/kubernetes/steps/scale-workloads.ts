import { z } from 'zod'
import type { PlannedStep } from '../../../domain/plan/plan.ts'
import { defineStep } from '../../../engine/run/step.ts'
import type { Sighting } from '../../../ports/deployment-state.ts'
import type { WorkloadWrite } from '../../../ports/deployments.ts'
import { deploymentsOf } from '../../parts/require-port.ts'
import { rolledOut } from '../rolled-out.ts'
import { Again, markOf, podsOf, Scaling, standingOf } from '../scaling.ts'
import { undoCautions } from '../undo-cautions.ts'
import { rehearseAll, writeAll } from '../write-all.ts'

const Input = z.object({
  workloads: z.array(Scaling).min(1),
  /** Another step of the same plan has scaled them before, and this one takes that back. */
  again: Again.optional(),
})
type Input = z.infer<typeof Input>

/** Deployments get other numbers of replicas, all at once; those that they had are remembered for the way back. */
export const scaleWorkloads = defineStep({
  id: 'scale-workloads',
  input: Input,
  deadlineMs: () => 5 * 60_000,
  onAbort: 'finish',

  title: ({ workloads }) =>
    `Scale ${workloads.map(({ service, from, to }) => `${service} from ${from} to ${to}`).join(', ')} replicas`,

  async inspect({ world, key, signal }, { workloads, ...more }) {
    const services = workloads.map(({ service }) => service)
    const releases = await deploymentsOf(world).sightings(services, signal)
    const mark = markOf(key, more.again)
    const standings = workloads.map((scaling) => ({
      scaling,
      found: standingOf(
        scaling,
        releases.find(({ service }) => service === scaling.service),
        mark,
      ),
    }))
    const begun = standings.some(({ found }) => found.begun === true)
    const says = (kind: 'blocked' | 'done') =>
      standings.flatMap(({ found }) => (found.kind === kind ? [found.says] : [])).join('; ')
    const blocked = says('blocked')
    if (blocked !== '') return { kind: 'blocked', begun, says: blocked }
    const left = standings.flatMap(({ scaling, found }) =>
      found.kind === 'needed' ? [{ scaling, seen: found.seen }] : [],
    )
    if (left.length === 0) return { kind: 'done', begun, says: says('done') }
    const remaining = { workloads: left.map(({ scaling }) => scaling), ...more }
    return { kind: 'needed', begun, seen: left, remaining }
  },

  apply: (context, { again }, left) =>
    writeAll({ ...context, key: markOf(context.key, again) }, writesOf(left)),
  rehearse: (context, _, left) => rehearseAll(context, writesOf(left)),

  verify: (context, { workloads }) =>
    rolledOut(
      context,
      workloads.map(({ service, uid, to }) => {
        return { service, uid, templateHash: null, replicas: to }
      }),
    ),

  inTwo: ({ workloads }) => {
    const several = workloads.filter(({ from, to }) => from === 0 && to > 1)
    if (several.length === 0) return null
    const first = workloads.map((one) => (several.includes(one) ? { ...one, to: 1 } : one))
    const others = several.map((one) => ({ ...one, from: 1 }))
    return {
      one: { workloads: first, again: true as const },
      rest: { workloads: others, again: 'the rest' as const },
      meanwhile: oneOnly(several.map(({ service }) => service)),
    }
  },

  async adviseUndo(context, { workloads }, undo) {
    const services = workloads.map(({ service }) => service)
    return { problem: null, cautions: await undoCautions('scaled', services, context, undo) }
  },

  onUndo: {
    kind: 'invert',
    input: ({ workloads, ...more }) => ({
      ...more,
      workloads: workloads.map(({ from, to, ...one }) => ({ ...one, from: to, to: from })),
    }),
  },

  changes: ({ workloads }) =>
    workloads.map(({ service, from, to }) => {
      return { what: service, from: podsOf(from), to: podsOf(to) }
    }),
})

/** How it is to be said that of several pods only the first one is there. */
function oneOnly(services: readonly string[]): string {
  return `only one pod of ${services.join(' and of ')} runs`
}

function writesOf(
  left: readonly { readonly scaling: Scaling; readonly seen: Sighting }[],
): readonly WorkloadWrite[] {
  return left.map(({ scaling: { to }, seen }) => ({ seen, change: { kind: 'replicas', to } }))
}

/** What a planned step scales, if it is of this kind. */
export function scalingsIn({
  id,
  input,
}: PlannedStep): readonly (Scaling & { readonly again?: Again })[] {
  if (id !== scaleWorkloads.id) return []
  const { workloads, again } = Input.parse(input)
  return workloads.map((one) => ({ ...one, ...(again === undefined ? {} : { again }) }))
}
