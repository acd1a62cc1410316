import type { Engine } from '../../src/engine/engine.ts'
import type { Incident } from '../../src/domain/incident.ts'
import type { Intent } from '../../src/domain/intent.ts'
import type { World } from '../../src/ports/world.ts'
import { atRest, surroundings, wish, type Surroundings } from './engine-story.ts'
import type { Death, Life } from './mortal.ts'

type Telling = {
  readonly by: string
  readonly intent: (incident: Incident | null) => Intent
}

const plan = (incident: Incident | null) => ({
  plan: incident?.plans.length ?? 1,
  digest: incident?.plans.at(-1)?.plan?.digest ?? '',
})

/** Assessed, declared, planned, and signed by two: what people do for a rollback. */
export const ROLLBACK: readonly Telling[] = [
  { by: 'U0ANA', intent: () => ({ kind: 'assess', symptoms: [] }) },
  { by: 'U0ANA', intent: () => ({ kind: 'declare' }) },
  {
    by: 'U0ANA',
    intent: () => ({ kind: 'plan', request: { kind: 'kubernetes', toVersion: null } }),
  },
  { by: 'U0BO', intent: (incident) => ({ kind: 'approve', ...plan(incident) }) },
  { by: 'U0CY', intent: (incident) => ({ kind: 'approve', ...plan(incident) }) },
]

/** What the cluster accepted, as it saw it: nothing that the engine says of itself. */
export function recorder() {
  const written: string[] = []
  let cleared = 0
  const through = (world: World): World => ({
    ...world,
    workloads: world.workloads && {
      ...world.workloads,
      write: recording(world.workloads.write),
    },
    cache: world.cache && { ...world.cache, clear: clearing(world.cache.clear) },
  })
  type Write = NonNullable<World['workloads']>['write']
  function recording(write: Write): Write {
    return async (asked, options) => {
      const answer = await write(asked, options)
      if (answer.kind === 'written' && !options.dryRun) {
        written.push(`${asked.seen.name} ${asked.change.kind}`)
      }
      return answer
    }
  }
  type Clear = NonNullable<World['cache']>['clear']
  function clearing(clear: Clear): Clear {
    return (scope, signal) => {
      cleared += 1
      return clear(scope, signal)
    }
  }
  return { through, written, cleared: () => cleared }
}

/**
 * Tells one process what people do until it dies or all is told; returns how far it came. Slack
 * delivers again what was not acknowledged, under the same delivery.
 */
export async function tell(
  around: Surroundings,
  { engine, life }: { readonly engine: Engine; readonly life: Life },
  from = 0,
  story: readonly Telling[] = ROLLBACK,
): Promise<number> {
  for (const [at, { by, intent }] of story.entries()) {
    if (at < from) continue
    try {
      const [id = null] = around.journal.recent(1e14)
      const incident = id === null ? null : engine.load(id)
      const received = wish(`delivery-${at}`, intent(incident), by)
      const receipt = engine.receive(at === 0 ? null : id, received)
      if (receipt.kind === 'received') engine.wake(receipt.incident)
    } catch {
      return at
    }
    await atRest(engine, life)
    if (life.dead) return at
  }
  return story.length
}

/** A whole rollback by one process that lives. */
export async function rolledBack(around: Surroundings = surroundings()) {
  const process = around.startProcess()
  await tell(around, process)
  const [id = ''] = around.journal.recent(1e14)
  return { around, ...process, id }
}

/** One process with this death, and a second one that lives and is told the rest. */
export async function rolledBackDespite(
  death: Death,
  /** What happens in between. */
  meanwhile: (around: Surroundings) => void = () => undefined,
) {
  const around = surroundings()
  const seen = recorder()
  const first = around.startProcess(death, undefined, seen.through)
  const reached = await tell(around, first)
  meanwhile(around)
  const second = around.startProcess(null, undefined, seen.through)
  second.engine.resume()
  await atRest(second.engine, second.life)
  await tell(around, second, reached)
  await second.engine.settled()
  const [id = ''] = around.journal.recent(1e14)
  return { around, engine: second.engine, id, seen, first: first.life }
}
