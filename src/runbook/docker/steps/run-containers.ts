import { z } from 'zod'
import type { PlannedStep } from '../../../domain/plan/plan.ts'
import { defineStep } from '../../../engine/run/step.ts'
import type { Container } from '../../../ports/containers.ts'
import { containersOf } from '../../parts/require-port.ts'
import { readinessOf, type Readiness } from '../readiness.ts'
import { stopCautions } from '../stop-cautions.ts'
import { lookToStop } from '../to-stop.ts'

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
        /** It had ended by itself: only what takes its place is started. */
        hadEnded: z.literal(true).optional(),
      }),
    )
    .min(1),
  /** How long one gets that may never have run before. Left out: as long as the step. */
  patience: z.object({ readyWithinMs: z.number(), settleMs: z.number() }).optional(),
})
type Input = z.infer<typeof Input>
export type RunContainer = Input['containers'][number]

/** Containers are stopped and kept, or started again as they were. */
export const runContainers = defineStep({
  id: 'run-containers',
  input: Input,
  deadlineMs: ({ containers, patience }) =>
    60_000 +
    containers.reduce((most, { stopSeconds }) => Math.max(most, stopSeconds), 0) * 2_000 +
    (patience ? patience.readyWithinMs + patience.settleMs : 0),
  onAbort: 'finish',

  title: ({ run, containers }) => `${run ? 'Start' : 'Stop'} ${namedIn(containers)}`,

  async inspect({ world, signal }, { run, containers, ...more }) {
    const seen = await containersOf(world).sightings(servicesOf(containers), signal)
    const now = containers.map((one) => ({ one, is: meantBy(one, seen, { run, ...more }) }))
    const gone = now.filter(({ is }) => is === undefined)
    if (gone.length > 0) {
      const says = gone.map(({ one }) => `${one.name} on ${one.host} was removed or made anew`)
      return { kind: 'blocked', begun: 'no-mark', says: says.join('; ') }
    }
    const left = now.flatMap(({ one, is }) =>
      is && !staysEnded(one, is) && !stands(one, is, { run }) ? [{ one, is }] : [],
    )
    if (left.length === 0) {
      return { kind: 'done', begun: 'no-mark', says: run ? 'they run' : 'they are stopped' }
    }
    const remaining = { run, containers: left.map(({ one }) => one), ...more }
    return { kind: 'needed', begun: 'no-mark', seen: left, remaining }
  },

  async apply({ world, signal }, { run }, left) {
    const hosts = containersOf(world)
    const answers = await Promise.all(
      left.map(({ one: { host, restartPolicy }, is: { id } }) =>
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

  async verify({ world, signal }, { run, containers, patience }) {
    const seen = await containersOf(world).sightings(servicesOf(containers), signal)
    const states = containers.map((one) => {
      const is = meantBy(one, seen, { run, patience })
      const says = `${one.name} on ${one.host} is ${is?.state ?? 'gone'}`
      return { says, ...standingOf(one, is, { run, patience }) }
    })
    const failed = states.flatMap(({ kind, says, why = says }) => (kind === 'failed' ? [why] : []))
    if (failed.length > 0) return { kind: 'failed', says: failed.join('; ') }
    const done = states.filter(({ kind }) => kind === 'ready')
    const says = states.map((one) => one.says).join('; ')
    if (done.length === states.length) return { kind: 'verified', says }
    const progress = { done: done.length, total: states.length, unit: 'containers' }
    return { kind: 'not-yet', says, progress }
  },

  inTwo: ({ run, containers, ...more }) => {
    const [first, others] = oneOfEach(containers)
    return run && others.length > 0
      ? {
          one: { run, containers: [...first], ...more },
          rest: { run, containers: [...others], ...more },
          meanwhile: oneOnly(others),
        }
      : null
  },

  onUndo: {
    kind: 'invert',
    input: ({ run, containers, ...more }) => ({ run: !run, containers, ...more }),
  },

  async adviseUndo({ world, signal }, { run, containers }) {
    const seen = await containersOf(world).sightings(servicesOf(containers), signal)
    const these = seen.filter(({ id }) => containers.some((one) => one.id === id))
    const { problems, cautions } = await lookToStop(these, { world, signal })
    // What is started is stopped already: whoever shared something of it has to follow all the same.
    if (run) return { problem: null, cautions }
    return {
      problem: problems.length > 0 ? problems.join('; ') : null,
      cautions: [...stopCautions(these, { meanwhile: '' }), ...cautions],
    }
  },

  changes: ({ run, containers }) =>
    servicesOf(containers).map((service) => {
      const count = containers.filter((one) => one.service === service).length
      const all = count === 1 ? '1 container' : `${count} containers`
      return run
        ? { what: service, from: 'nothing that runs', to: all }
        : { what: service, from: all, to: 'nothing that runs' }
    }),
})

/** One of each service first, and one that certainly starts. */
function oneOfEach(
  containers: readonly RunContainer[],
): readonly [readonly RunContainer[], readonly RunContainer[]] {
  const sure = containers.toSorted(
    (a, b) => Number(a.hadEnded ?? false) - Number(b.hadEnded ?? false),
  )
  const first = sure.filter(({ service }, at) => {
    return sure.findIndex((one) => one.service === service) === at
  })
  return [first, sure.filter((one) => !first.includes(one))]
}

/** How it is to be said that of several containers only the first one runs. */
function oneOnly(others: readonly RunContainer[]): string {
  return `only one container of ${servicesOf(others).join(' and of ')} runs`
}

/** What a planned step of this kind stops, or starts. */
export function stopsIn({ input }: PlannedStep): Pick<Input, 'run'> & {
  readonly ids: readonly string[]
  /** Host and name of each. */
  readonly places: readonly string[]
} {
  const { run, containers } = Input.parse(input)
  const places = containers.map(({ host, name }) => `${host}/${name}`)
  return { run, ids: containers.map(({ id }) => id), places }
}

function namedIn(containers: readonly RunContainer[]): string {
  const named = (some: readonly RunContainer[]) =>
    some.map(({ name, host }) => `${name} on ${host}`)
  const [own, ended] = [undefined, true].map((had) =>
    named(containers.filter(({ hadEnded }) => hadEnded === had)).join(', '),
  )
  return [own, ended && `what takes the place of ${ended}`].filter(Boolean).join(', and ')
}

/**
 * Itself; or, where it is to run, what this bot has made in its place while it was stopped. Where it is only to run again as it did, what
 * somebody else has made there and runs is as good: nothing is started then.
 */
function meantBy(
  { id, service, host, name }: RunContainer,
  seen: readonly Container[],
  { run, patience }: Pick<Input, 'run' | 'patience'>,
): Container | undefined {
  const itself = seen.find((one) => one.id === id)
  // What was put aside has given its place.
  if (!run || itself?.name === name) return itself
  const inItsPlace = seen.find((one) => {
    const isIn = one.service === service && one.host === host && one.name === name
    const counts = one.mark !== null || (patience === undefined && stateOf(one) === 'up')
    return isIn && one.role === 'serving' && counts
  })
  return inItsPlace ?? itself
}

/** A stop that came to no end may have left it running, and without the policy by which its host starts it again. */
function stands(
  { id, restartPolicy }: RunContainer,
  now: Container,
  { run }: Pick<Input, 'run'>,
): boolean {
  if (!run) return stateOf(now) === 'down'
  const isOthers = now.id !== id && now.mark === null
  return stateOf(now) === 'up' && (isOthers || now.restartPolicy !== 'no' || restartPolicy === 'no')
}

function staysEnded({ id, hadEnded }: RunContainer, now: Container): boolean {
  return hadEnded === true && now.id === id
}

type Standing = { readonly kind: Readiness['kind']; readonly why?: string }

function standingOf(
  one: RunContainer,
  now: Container | undefined,
  { run, patience }: Pick<Input, 'run' | 'patience'>,
): Standing {
  if (!now) return { kind: 'not-yet' }
  if (staysEnded(one, now)) return { kind: 'ready' }
  if (!run) return { kind: stateOf(now) === 'down' ? 'ready' : 'not-yet' }
  if (!patience) return { kind: isWell(now) ? 'ready' : 'not-yet' }
  const readiness = readinessOf(now, null, patience)
  return readiness.kind === 'failed'
    ? { kind: 'failed', why: `${one.name} on ${one.host}: ${readiness.says}` }
    : { kind: readiness.kind }
}

function servicesOf(containers: readonly RunContainer[]): readonly string[] {
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
