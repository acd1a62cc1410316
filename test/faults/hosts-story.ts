import { verifyJournal } from '../../src/adapters/sqlite/verify-journal.ts'
import type { Container } from '../../src/ports/containers.ts'
import type { Surroundings } from '../support/engine-story.ts'
import { folded, incidentOf, saidOn } from '../support/rollback-story.ts'
import { wrongIn, type recorder } from './recorder.ts'

const signal = new AbortController().signal

export const SERVICES = ['backend', 'frontend'] as const
export type Service = (typeof SERVICES)[number]

export const nameOf = (service: Service): string => `pipeshub-${service}-1`

/** Both services swapped, call after call. */
export const SWAPPED = SERVICES.flatMap((service) => {
  const name = nameOf(service)
  const is = `shop-1/${service}:`
  const [begin, end] = [`${is} start serving v1.9.0`, `${is} stop serving v2.0.0`]
  return [
    `${is} create serving v1.9.0`,
    `${is} create kept v2.0.0`,
    // The frontend publishes a port: the old one has to end first.
    ...(service === 'frontend' ? [end, begin] : [begin, end]),
    `${is} rename v2.0.0 to ${name}-old-…`,
    `${is} rename v1.9.0 to ${name}`,
    `${is} remove serving v2.0.0`,
  ]
})

export function seenOn(around: Surroundings): Promise<readonly Container[]> {
  const { containers } = around.sandbox.world
  if (!containers) throw new Error('the story is of containers')
  return containers.sightings(SERVICES, signal)
}

/** `v1.9.0 serves`, of each service: what answers under its name, and what else of it is there to serve. */
export async function standsOn(around: Surroundings): Promise<Readonly<Record<Service, string>>> {
  const seen = await seenOn(around)
  const of = (service: Service): string => {
    const serving = seen.filter((one) => one.service === service && one.role === 'serving')
    const [own, ...others] = serving.toSorted((a, b) =>
      a.name === nameOf(service) ? -1 : a.name.localeCompare(b.name),
    )
    if (!own) return 'nothing'
    const how = own.state === 'running' && own.health === 'healthy' ? 'serves' : own.state
    const beside = others.map(({ name, state }) => ` and ${name} ${state}`)
    return `${own.labels.version} ${own.name === nameOf(service) ? how : own.name}${beside.join('')}`
  }
  return { backend: of('backend'), frontend: of('frontend') }
}

/** What a story over hosts has left, once everything has become as it stays. */
export async function leftOn(around: Surroundings, seen: ReturnType<typeof recorder>) {
  around.pass(5_000)
  const incident = await folded(around)
  const keys = around.slack.messages.map(({ key }) => key)
  const events = (await around.journal.read(await incidentOf(around))).map(({ event }) => event)
  const runs = (incident?.plans ?? []).flatMap(({ run }) => run ?? [])
  return {
    written: seen.written,
    wrong: wrongIn(seen),
    stands: await standsOn(around),
    kept: (await seenOn(around)).flatMap(({ role, name }) => (role === 'kept' ? [name] : [])),
    strangers: around.sandbox.onHosts.strangers().length,
    outcomes: runs.map(({ ended }) => ended?.outcome ?? null),
    /** Of the first step of the newest run. */
    step: runs.at(-1)?.steps[0] ?? null,
    said: saidOn(`run-${incident?.plans.length ?? 0}`, around),
    twice: keys.filter((key, index) => keys.indexOf(key) !== index),
    count: (type: string) => events.filter((event) => event.type === type).length,
    proof: verifyJournal(around.file).kind,
  }
}

export type Left = Awaited<ReturnType<typeof leftOn>>
