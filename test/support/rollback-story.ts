import type { Engine } from '../../src/engine/engine-types.ts'
import type { PlanRequest } from '../../src/domain/plan/plan-request.ts'
import type { JournaledEvent } from '../../src/domain/incident/event.ts'
import { foldIncident } from '../../src/domain/incident/fold.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { Intent } from '../../src/domain/incident/intent.ts'
import { atRest, surroundings, untilDead, wish, type Surroundings } from './engine-story.ts'
import type { Life } from './mortal.ts'

export type Telling = {
  readonly by: string
  readonly intent: (incident: Incident | null) => Intent
}

type Process = { readonly engine: Engine; readonly life: Life }

const newest = (incident: Incident | null) => ({
  plan: incident?.plans.length || 1,
  digest: incident?.plans.at(-1)?.plan?.digest ?? '',
})

/** Assessed, declared, and planned. */
export const ASKED: readonly Telling[] = [
  { by: 'U0ANA', intent: () => ({ kind: 'assess', symptoms: [] }) },
  { by: 'U0ANA', intent: () => ({ kind: 'declare' }) },
  planned({ kind: 'kubernetes', toVersion: null }),
]

/** Signed by two: what begins a run. */
export const SIGNED: readonly Telling[] = ['U0BO', 'U0CY'].map((by) => ({
  by,
  intent: (incident) => ({ kind: 'approve', ...newest(incident) }),
}))

export const ROLLBACK: readonly Telling[] = [...ASKED, ...SIGNED]

/** The same of services that run as containers, or of one of them. */
export function askedOnHosts(service?: string): readonly Telling[] {
  const only = service === undefined ? {} : { service }
  return [...ASKED.slice(0, -1), planned({ kind: 'docker', toVersion: null, ...only })]
}
export function rollbackOnHosts(service?: string): readonly Telling[] {
  return [...askedOnHosts(service), ...SIGNED]
}

export function planned(request: PlanRequest): Telling {
  return { by: 'U0ANA', intent: () => ({ kind: 'plan', request }) }
}

/** The incident of a story that has only one. */
export async function incidentOf(around: Surroundings): Promise<string> {
  return (await around.journal.recent(1e14))[0] ?? ''
}

const known = new WeakMap<Surroundings, JournaledEvent[]>()

/** What the journal holds of the first incident, however often it is asked for: only what is new is read. */
export async function eventsOf(around: Surroundings): Promise<readonly JournaledEvent[]> {
  const events = known.get(around) ?? []
  known.set(around, events)
  const id = events[0]?.incident ?? (await incidentOf(around))
  const newer = await around.journal.read(id, events.at(-1)?.sequence)
  // Two may have asked at once.
  const last = events.at(-1)?.sequence ?? 0
  events.push(...newer.filter(({ sequence }) => sequence > last))
  return events
}

/** The incident as whoever reads the journal now would fold it. */
export async function folded(around: Surroundings): Promise<Incident | null> {
  const id = await incidentOf(around)
  return id === '' ? null : foldIncident(id, await around.journal.read(id))
}

/**
 * Tells one process what people do until it dies or all is told; returns how far it came. Slack
 * delivers again what was not acknowledged, under the same delivery.
 */
export async function tell(
  around: Surroundings,
  { engine, life }: Process,
  from = 0,
  story: readonly Telling[] = ROLLBACK,
): Promise<number> {
  for (const [at, { by, intent }] of story.entries()) {
    if (at < from) continue
    const id = await incidentOf(around)
    const incident = id === '' ? null : await untilDead(life, engine.load(id))
    const received = wish(`delivery-${at}`, intent(incident), by)
    const receipt = await untilDead(life, engine.receive(at === 0 ? null : id, received))
    if (receipt?.kind === 'received') engine.wake(receipt.incident)
    await atRest(engine, life)
    if (life.dead) return at
  }
  return story.length
}

/** More that people do in an incident that is there, until the process dies. The deliveries are named after its sequence. */
export async function tellMore(
  around: Surroundings,
  { engine, life }: Process,
  story: readonly Telling[],
  which?: string,
): Promise<void> {
  const id = which ?? (await incidentOf(around))
  for (const { by, intent } of story) {
    if (life.dead) return
    const incident = await untilDead(life, engine.load(id))
    const delivery = `${id} ${incident?.sequence} ${by}`
    await untilDead(life, engine.receive(id, wish(delivery, intent(incident), by)))
    engine.wake(id)
    await atRest(engine, life)
  }
}

/** A whole rollback by one process that lives. */
export async function rolledBack(around: Surroundings = surroundings()) {
  const process = around.startProcess()
  await tell(around, process)
  return { around, ...process, id: await incidentOf(around) }
}

/** Everything that a message says, as one text. */
export function saidOn(surface: string, { slack }: Surroundings): string {
  return slack.messages
    .filter(({ key }) => key.split(':')[0] === surface)
    .map(({ view }) => JSON.stringify(view))
    .join('\n')
}

/** The versions that are asked for now. */
export async function running({ sandbox }: Surroundings): Promise<string> {
  const { signal } = new AbortController()
  const releases = await sandbox.world.deployments?.releases(['backend', 'frontend'], signal)
  return (releases ?? []).map(({ current }) => current?.images[0]?.split(':')[1]).join()
}

/** People who want it press again what came to nothing, until the newest plan was carried out. */
export async function insist(
  around: Surroundings,
  process: Process,
  asked: readonly Telling[] = ASKED,
): Promise<void> {
  for (let times = 0; times < 4; times += 1) {
    const state = (await process.engine.load(await incidentOf(around)))?.plans.at(-1)
    if (state?.run && state.run.ended?.outcome !== 'gate-closed') return
    if (!state || state.ended || state.run) await tellMore(around, process, asked.slice(-1))
    await tellMore(around, process, SIGNED)
  }
}
