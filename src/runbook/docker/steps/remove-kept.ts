import { z } from 'zod'
import { defineStep, type StepContext } from '../../../engine/run/step.ts'
import type { ContainerWrite } from '../../../ports/containers.ts'
import { containersOf } from '../../parts/require-port.ts'
import { isLeftOver } from '../serving.ts'
import { KEPT_CONTAINERS } from '../kept-containers.ts'

const Kept = z.object({ service: z.string(), host: z.string(), name: z.string(), id: z.string() })
type Kept = z.infer<typeof Kept>

const Input = z
  .object({
    containers: z.array(Kept),
    /** What containers had written, as images that this bot has made. */
    images: z.array(Kept).default([]),
  })
  .refine(({ containers, images }) => containers.length + images.length > 0)
type Input = z.infer<typeof Input>

/** What was kept for a way back is removed: only that, each by its id, and never a volume. */
export const removeKept = defineStep({
  id: 'remove-kept',
  input: Input,
  deadlineMs: ({ containers, images }) => 60_000 + (containers.length + images.length) * 5_000,
  onAbort: 'interrupt',
  whenStopped: 'it is ended, and what it has removed stays removed',
  removesKept: KEPT_CONTAINERS,
  onUndo: { kind: 'leave' },

  title: (input) => `Remove ${allOf(input).map(inWords).join(', ')}`,

  async inspect(context, input) {
    const { seen, containers, images } = await left(context, input)
    const used = seen.filter((one) => {
      return containers.some(({ id }) => one.id === id) && !isLeftOver(one, seen)
    })
    if (used.length > 0) {
      const says = used.map(({ name, host, state }) => `${name} on ${host} is ${state}`).join('; ')
      return { kind: 'blocked', begun: 'no-mark', says: `somebody uses what was kept: ${says}` }
    }
    if (containers.length + images.length === 0) {
      return { kind: 'done', begun: 'no-mark', says: 'none is there any more' }
    }
    const remaining = { containers: [...containers], images: [...images] }
    return { kind: 'needed', begun: 'no-mark', seen: remaining, remaining }
  },

  async apply({ world, signal }, _, { containers, images }) {
    const hosts = containersOf(world)
    const writeAll = (writes: readonly ContainerWrite[]) =>
      Promise.all(writes.map((write) => hosts.write(write, signal)))
    // An image of which there is a container cannot be removed.
    const answers = [
      ...(await writeAll(
        containers.map(({ host, id }) => ({ kind: 'remove', host, id, keepChangesAs: null })),
      )),
      ...(await writeAll(
        images.map(({ host, id, name }) => ({ kind: 'remove-image', host, id, name })),
      )),
    ]
    const refused = answers.flatMap((one) => (one.kind === 'refused' ? [one.because] : []))
    if (refused.length === 0) return { kind: 'written' }
    const applied = refused.length < answers.length ? 'yes' : 'no'
    return { kind: 'refused', applied, says: refused.join('; ') }
  },

  async verify(context, input) {
    const there = allOf(await left(context, input))
    if (there.length === 0) return { kind: 'verified', says: `${allOf(input).length} removed` }
    return { kind: 'not-yet', says: `${there.map(inWords).join(', ')} is still there` }
  },
})

/** What of it still stands there, and all that was seen. */
async function left({ world, signal }: StepContext, input: Input) {
  const hosts = containersOf(world)
  const services = [...new Set(allOf(input).map(({ service }) => service))]
  const [seen, kept] = await Promise.all([
    hosts.sightings(services, signal),
    input.images.length === 0 ? [] : hosts.keptImages(services, signal),
  ])
  return {
    seen,
    containers: input.containers.filter(({ id }) => seen.some((one) => one.id === id)),
    images: input.images.filter(({ host, id, name }) =>
      kept.some((one) => one.id === id && one.name === name && one.host === host),
    ),
  }
}

function allOf({ containers, images }: Pick<Input, 'containers' | 'images'>): readonly Kept[] {
  return [...containers, ...images]
}

function inWords({ name, host }: Kept): string {
  return `${name} on ${host}`
}
