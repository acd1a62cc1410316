import { Fault } from '../domain/base/fault.ts'
import type { Deployments } from '../ports/deployments.ts'
import type { World } from '../ports/world.ts'
import { productionOf, type ScenarioName } from './scenario.ts'
import type { SandboxWorld } from './world.ts'

export const drillFaultNames = [
  'cluster-away',
  'lost-reply',
  'metrics-away',
  'pods-not-ready',
] as const
export type DrillFaultName = (typeof drillFaultNames)[number]

/** What goes wrong in the middle of a rollback, in words for people. */
export const DRILL_FAULTS: Readonly<Record<DrillFaultName, string>> = {
  'cluster-away': 'The API server refuses for 20 seconds after the first write.',
  'lost-reply': 'The first write is carried out, and its answer is lost.',
  'metrics-away': 'Prometheus does not answer for a minute after the first write.',
  'pods-not-ready': 'Pods of the version before never become ready: their image is gone.',
}

const AWAY_MS = { 'cluster-away': 20_000, 'metrics-away': 60_000 } as const

/** The same world, and what goes wrong in it. By the clock, so that it is over after its time whoever asks. */
export function withDrillFault(
  { world, change }: Pick<SandboxWorld, 'world' | 'change'>,
  scenario: ScenarioName,
  fault: DrillFaultName | null,
): World {
  const { deployments, clock } = world
  const { previousVersion, kubernetes, prometheus } = productionOf(scenario)
  if (fault === 'pods-not-ready') change({ missingVersions: [previousVersion] })
  if (fault === null || fault === 'pods-not-ready' || !deployments) return world
  let untilMs: number | null = null
  let writes = 0

  /** What has begun and is over is over, before anything else is asked. */
  function turn(): void {
    if (untilMs === null || clock.now() < untilMs) return
    untilMs = null
    change({ kubernetes, prometheus })
  }

  const write: Deployments['write'] = async (asked, options) => {
    const written = await deployments.write(asked, options)
    if (options.dryRun || written.kind !== 'written') return written
    writes += 1
    if (writes > 1) return written
    if (fault === 'lost-reply') throw lostReply()
    untilMs = clock.now() + AWAY_MS[fault]
    change(fault === 'cluster-away' ? { kubernetes: 'refusing' } : { prometheus: 'silent' })
    return written
  }
  const ports = Object.entries(world).map(([name, port]) => [name, hooked(port, turn)] as const)
  const all: World = { ...world, ...Object.fromEntries(ports) }
  return { ...all, deployments: all.deployments && { ...all.deployments, write } }
}

function lostReply(): Fault {
  const detail = 'the connection was lost before an answer came'
  return new Fault({
    kind: 'unknown-outcome',
    dependency: 'kubernetes',
    detail,
    code: 'ECONNRESET',
  })
}

/** Every question to the port is told first. */
function hooked<Port>(port: Port, before: () => void): Port {
  if (typeof port !== 'object' || port === null) return port
  return new Proxy(port, {
    get(target, key, receiver) {
      const method: unknown = Reflect.get(target, key, receiver)
      if (typeof method !== 'function') return method
      return (...args: unknown[]): unknown => {
        before()
        return Reflect.apply(method, target, args)
      }
    },
  })
}
