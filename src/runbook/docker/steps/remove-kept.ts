import { z } from 'zod'
import { defineStep } from '../../../engine/run/step.ts'
import { containersOf } from '../../parts/require-port.ts'

const Input = z.object({
  containers: z
    .array(z.object({ service: z.string(), host: z.string(), name: z.string(), id: z.string() }))
    .min(1),
})
type Kept = z.infer<typeof Input>['containers'][number]

/** Containers that were kept for a way back are removed: only such, each by its id, and never a volume. */
export const removeKept = defineStep({
  id: 'remove-kept',
  input: Input,
  deadlineMs: ({ containers }) => 60_000 + containers.length * 5_000,
  onAbort: 'interrupt',
  onUndo: { kind: 'leave' },

  title: ({ containers }) =>
    `Remove ${containers.map(({ name, host }) => `${name} on ${host}`).join(', ')}`,

  async inspect({ world, signal }, { containers }) {
    const seen = await containersOf(world).sightings(servicesOf(containers), signal)
    const there = containers.filter(({ id }) => seen.some((one) => one.id === id))
    const used = seen.filter(({ id, role, state }) => {
      return containers.some((one) => one.id === id) && (role !== 'kept' || state !== 'created')
    })
    if (used.length > 0) {
      const says = used.map(({ name, host, state }) => `${name} on ${host} is ${state}`).join('; ')
      return { kind: 'blocked', begun: 'no-mark', says: `somebody uses what was kept: ${says}` }
    }
    if (there.length === 0)
      return { kind: 'done', begun: 'no-mark', says: 'none is there any more' }
    return { kind: 'needed', begun: 'no-mark', seen: there, remaining: { containers: there } }
  },

  async apply({ world, signal }, _, there) {
    const hosts = containersOf(world)
    const answers = await Promise.all(
      there.map(({ host, id }) =>
        hosts.write({ kind: 'remove', host, id, keepChangesAs: null }, signal),
      ),
    )
    const refused = answers.flatMap((one) => (one.kind === 'refused' ? [one.because] : []))
    if (refused.length === 0) return { kind: 'written' }
    const applied = refused.length < answers.length ? 'yes' : 'no'
    return { kind: 'refused', applied, says: refused.join('; ') }
  },

  async verify({ world, signal }, { containers }) {
    const seen = await containersOf(world).sightings(servicesOf(containers), signal)
    const left = containers.filter(({ id }) => seen.some((one) => one.id === id))
    if (left.length === 0) return { kind: 'verified', says: `${containers.length} removed` }
    const says = `${left.map(({ name, host }) => `${name} on ${host}`).join(', ')} is still there`
    return { kind: 'not-yet', says }
  },
})

function servicesOf(containers: readonly Kept[]): readonly string[] {
  return [...new Set(containers.map(({ service }) => service))]
}
