import { every } from '../../adapters/cron/every.ts'
import type { EnvironmentMetrics } from '../../adapters/http/bot-metrics.ts'
import { assess } from '../../assess/assess.ts'
import type { Config } from '../../config/load-config.ts'
import type { ReleaseWatchSettings } from '../../domain/watch/settings.ts'
import type { Engine } from '../../engine/engine-types.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { World } from '../../ports/world.ts'
import { count } from '../count.ts'
import { watchReleases, type ReleaseWatch, type WatchedBy } from './watch-releases.ts'

/** What is due is looked at so late at most. */
const TURN_SECONDS = 5

export type Deps = {
  readonly world: World
  readonly engine: Pick<Engine, 'openTogether' | 'wake' | 'lately' | 'open'>
  readonly metrics: () => Promise<EnvironmentMetrics>
  readonly acts: () => boolean
  readonly clock: Clock
  readonly log: Log
  /** Left out: by the clock on the wall. */
  readonly everyTurn?: WatchedBy['everyTurn']
}

/** The release watch, over what the program has. */
export function releaseWatchOf(
  { settings: { slack }, assess: judged }: Pick<Config, 'settings' | 'assess'>,
  settings: ReleaseWatchSettings,
  deps: Deps,
): ReleaseWatch {
  const { world, engine, metrics, acts, clock, log } = deps
  const { workloads } = world
  const services = judged.deployed?.services ?? []
  return watchReleases({
    settings,
    channel: slack.channels[0] ?? '',
    list: async (signal) => (await workloads?.list(services, signal)) ?? [],
    // Where a way back leads is read by the incident, and by nothing before there is one.
    assess: (signal) => assess(world, judged, [], async () => [], signal),
    lately: async (ms) => [...(await engine.lately(ms)), ...engine.open()],
    async open(received) {
      const opened = await engine.openTogether(received)
      if (opened.kind === 'received') engine.wake(opened.incident)
      return opened
    },
    everyTurn: deps.everyTurn ?? ((turn) => every(TURN_SECONDS, 'release watch', turn, log)),
    count: (found) => count(metrics, ({ releaseLooks }) => releaseLooks.inc({ found }), log),
    acts,
    clock,
    log,
  })
}
