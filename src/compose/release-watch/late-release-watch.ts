import type { Recurring } from '../../adapters/cron/every.ts'
import type { Config } from '../../config/load-config.ts'
import type { ReleaseGauges } from './count-releases.ts'
import type { Deps } from './release-watch-of.ts'
import type { ReleaseWatch, ShownReleases } from './watch-releases.ts'

export type LateReleaseWatch = {
  /** What is watched now; `null`: it is not switched on, or production is not open yet. */
  readonly shown: () => ShownReleases | null
  counted<Gauges extends ReleaseGauges>(gauges: Gauges): Gauges
  /** Begins where the settings say so; `null`: they do not, or it was stopped meanwhile. */
  start(deps: Deps, stopped: AbortSignal): Promise<Recurring | null>
}

/** The release watch, which begins once production is open. What it needs is loaded only where it is switched on. */
export function lateReleaseWatch(config: Config): LateReleaseWatch {
  let watch: ReleaseWatch | null = null
  return {
    shown: () => watch?.shown() ?? null,
    counted: (gauges) => watch?.counted(gauges) ?? gauges,
    async start(deps, stopped) {
      const { releaseWatch } = config.settings
      if (!releaseWatch) return null
      const { releaseWatchOf } = await import('./release-watch-of.ts')
      if (stopped.aborted) return null
      watch = releaseWatchOf(config, releaseWatch, deps)
      return watch
    },
  }
}
