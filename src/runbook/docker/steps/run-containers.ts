import { z } from 'zod'
import type { PlannedStep } from '../../../domain/plan/plan.ts'
import { defineStep } from '../../../engine/run/step.ts'
import type { Container } from '../../../ports/containers.ts'
import { containersOf } from '../../parts/require-port.ts'

const Input = z.object({
  /** Whether they are to run. One that is stopped stays, and no host starts it by itself. */
  run: z.boolean(),
  containers: z
    .array(
      z.object({
        service: z.string(),
        host: z.string(),
        name: z.string(),
        id: z.string(),
        restartPolicy: z.string(),
        stopSeconds: z.number(),
      }),
    )
    .min(1),
})
type Input = z.infer<typeof Input>

/** Containers are stopped and kept, or started again as they were. */
export const runContainers = defineStep({
  id: 'run-containers',
  input: Input,
  deadlineMs: ({ containers }) =>
    60_000 + containers.reduce((most, { stopSeconds }) => Math.max(most, stopSeconds), 0) * 2_000,
  onAbort: 'finish',

  title: ({ run, containers }) =>
    `${run ? 'Start' : 'Stop'} ${containers.map(({ name, host }) => `${name} on ${host}`).join(', ')}`,

  async inspect({ world, signal }, { run, containers }) {
    const seen = await containersOf(world).sightings(servicesOf(containers), signal)
    const now = containers.map(({ id }) => seen.find((one) => one.id === id))
    const gone = containers.filter((_, index) => now[index] === undefined)
    if (gone.length > 0) {
      const says = gone.map(({ name, host }) => `${name} on ${host} was removed or made anew`)
      return { kind: 'blocked', begun: 'no-mark', says: says.join('; ') }
    }
    const left = containers.filter((_, index) => stateOf(now[index]) !== (run ? 'up' : 'down'))
    if (left.length === 0) {
      return { kind: 'done', begun: 'no-mark', says: run ? 'they run' : 'they are stopped' }
    }
    return { kind: 'needed', begun: 'no-mark', seen: left, remaining: { run, containers: left } }
  },

  async apply({ world, signal }, { run }, left) {
    const hosts = containersOf(world)
    const answers = await Promise.all(
      left.map(({ host, id, restartPolicy }) =>
        hosts.write(
          run ? { kind: 'start', host, id, restartPolicy } : { kind: 'stop', host, id },
          signal,
        ),
      ),
    )
    const refused = answers.flatMap((one) => (one.kind === 'refused' ? [one.because] : []))
    if (refused.length > 0) return { kind: 'refused', applied: 'unknown', says: refused.join('; ') }
    return answers.some(({ kind }) => kind === 'changed-meanwhile')
      ? { kind: 'look-again' }
      : { kind: 'written' }
  },

  async verify({ world, signal }, { run, containers }) {
    const seen = await containersOf(world).sightings(servicesOf(containers), signal)
    const states = containers.map(({ id, name, host }) => {
      const now = seen.find((one) => one.id === id)
      return { says: `${name} on ${host} is ${now?.state ?? 'gone'}`, now }
    })
    const done = states.filter(({ now }) => (run ? isWell(now) : stateOf(now) === 'down'))
    const says = states.map((one) => one.says).join('; ')
    if (done.length === states.length) return { kind: 'verified', says }
    const progress = { done: done.length, total: states.length, unit: 'containers' }
    return { kind: 'not-yet', says, progress }
  },

  onUndo: { kind: 'invert', input: ({ run, containers }) => ({ run: !run, containers }) },

  changes: ({ run, containers }) =>
    servicesOf(containers).map((service) => {
      const count = containers.filter((one) => one.service === service).length
      const all = count === 1 ? '1 container' : `${count} containers`
      return run
        ? { what: service, from: 'nothing that runs', to: all }
        : { what: service, from: all, to: 'nothing that runs' }
    }),
})

/** What a planned step of this kind stops, or starts. */
export function stopsIn({ input }: PlannedStep): Pick<Input, 'run'> & {
  readonly ids: readonly string[]
} {
  const { run, containers } = Input.parse(input)
  return { run, ids: containers.map(({ id }) => id) }
}

function servicesOf(containers: Input['containers']): readonly string[] {
  return [...new Set(containers.map(({ service }) => service))]
}

function stateOf(container: Container | undefined): 'up' | 'down' | 'gone' {
  if (!container) return 'gone'
  const { state } = container
  return state === 'running' || state === 'restarting' || state === 'paused' ? 'up' : 'down'
}

function isWell(container: Container | undefined): boolean {
  return (
    container?.state === 'running' &&
    (container.health === 'none' || container.health === 'healthy')
  )
}
