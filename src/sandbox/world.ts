import type { AssessSettings } from '../domain/settings.ts'
import type { Clock } from '../ports/clock.ts'
import type { World } from '../ports/world.ts'
import { sandboxCache } from './cache.ts'
import { sandboxDatabase } from './database.ts'
import { sandboxEndpoints } from './endpoints.ts'
import { sandboxMetrics } from './metrics.ts'
import type { Production, Stage } from './production.ts'
import { productionOf } from './scenario.ts'
import type { ScenarioName } from './scenario.ts'
import { sandboxWorkloads } from './workloads.ts'

const deployedBeforeMs = 12 * 60_000

export type SandboxWorld = {
  readonly world: World
  readonly deployedAtMs: number
  /** From now on as in that scenario, whatever was changed before. */
  readonly become: (scenario: ScenarioName) => void
  /** Changes the named things and leaves the others as they are. */
  readonly change: (changes: Partial<Production>) => void
}

/**
 * A production that is only simulated: the services of the settings run a release that was deployed
 * twelve minutes ago, and what is wrong with it is the scenario. It says the same for the same
 * clock and seed, so a demonstration or a test can be repeated.
 */
export function sandboxWorld(options: {
  readonly scenario: ScenarioName
  readonly clock: Clock
  readonly settings: AssessSettings
  readonly seed?: number
}): SandboxWorld {
  const { clock, settings, seed = 1 } = options
  let production = productionOf(options.scenario)
  const stage: Stage = {
    now: () => clock.now(),
    seed,
    deployedAtMs: clock.now() - deployedBeforeMs,
    production: () => production,
  }
  return {
    world: {
      clock,
      endpoints: sandboxEndpoints(stage, settings.services),
      metrics: sandboxMetrics(stage, settings),
      cache: sandboxCache(stage, settings),
      database: sandboxDatabase(stage),
      workloads: settings.kubernetes && sandboxWorkloads(stage, settings.kubernetes.services),
    },
    deployedAtMs: stage.deployedAtMs,
    become(scenario) {
      production = productionOf(scenario)
    },
    change(changes) {
      production = { ...production, ...changes }
    },
  }
}
