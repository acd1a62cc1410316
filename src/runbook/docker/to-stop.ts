import type { StepContext } from '../../engine/run/step.ts'
import type { Container } from '../../ports/containers.ts'
import type { Sharer } from '../../ports/sharers.ts'
import { containersOf } from '../parts/require-port.ts'
import { notKnown } from './not-looked.ts'

/** What stands against stopping these containers, and what people should know of whoever shares something of theirs. */
export type ToStop = {
  readonly problems: readonly string[]
  readonly cautions: readonly string[]
  /** Those that are harmed by it, each with whose it shares. */
  readonly harmed: readonly Harmed[]
}

/** For an assessment: it looks at nothing that runs beside them. */
export const NOT_LOOKED: ToStop = { problems: [], cautions: [], harmed: [] }

type Harmed = Sharer & { readonly of: Container }

/**
 * Whoever shares a namespace of a container that is stopped and started again is harmed, and one call of people mends it:
 * so that is no reason to refuse it, as it is where the container is made anew. Tried with a real Engine: docs/docker.md.
 */
export async function lookToStop(
  stopped: readonly Container[],
  { world, signal }: Pick<StepContext, 'world' | 'signal'>,
): Promise<ToStop> {
  if (stopped.length === 0) return NOT_LOOKED
  const hosts = containersOf(world)
  const services = [...new Set(stopped.map(({ service }) => service))]
  // Each alone: one of them may share what is another one's.
  const seen = await Promise.all(services.map((one) => hosts.sharers([one], signal)))
  const harmed = seen.flatMap(({ sharing }) =>
    sharing.flatMap((one) => {
      const of = stopped.find(({ host, id }) => host === one.host && id === one.id)
      return of ? [{ ...one, of }] : []
    }),
  )
  return {
    problems: stopped.flatMap(({ name, host, mayNotEnd }) =>
      mayNotEnd.map((why) => `${name} on ${host} must not be stopped: ${why}`),
    ),
    cautions: [
      ...harmed.map((one) => HARM[one.what](one)),
      ...new Set(seen.flatMap(({ notLooked }) => notKnown(notLooked, 'what is stopped'))),
    ],
    harmed,
  }
}

/** What an Engine makes of it. Without a network it runs on, and nothing tells that it is cut off. */
const HARM: Readonly<Record<Sharer['what'], (one: Harmed) => string>> = {
  network: (one) =>
    `${shares(one)}: it runs on without any, and has to be restarted once ${one.of.name} runs again (“docker restart ${one.by}”).`,
  processes: (one) =>
    `${shares(one)}: it ends with it, and has to be started once ${one.of.name} runs again (“docker start ${one.by}”).`,
  memory: (one) =>
    `${shares(one)}: it keeps the old one, and has to be restarted once ${one.of.name} runs again (“docker restart ${one.by}”).`,
}

function shares({ by, host, what, of }: Harmed): string {
  return `${by} on ${host} shares the ${what} of ${of.name}`
}

/** What people have to do once what was stopped runs again, for the list that is verified. */
export function tasksAfter(harmed: readonly Harmed[]): readonly string[] {
  return harmed.map((one) => {
    const { by, host, what } = one
    return `${what === 'processes' ? 'Start' : 'Restart'} ${by} on ${host}: it shares the ${what} of ${one.of.name}`
  })
}
