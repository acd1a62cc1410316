import type { EnvironmentMetrics } from '../../adapters/http/bot-metrics.ts'
import { toMs } from '../../domain/base/instant.ts'
import type { WatchedRelease } from '../../domain/watch/release-watch.ts'

export type ReleaseGauges = Pick<EnvironmentMetrics, 'releaseWatched' | 'releaseSeen'>

/** What was not seen yet has no time at all (J10). */
export function countReleases(
  watched: readonly WatchedRelease[],
  { releaseWatched, releaseSeen }: ReleaseGauges,
): void {
  releaseWatched.reset()
  releaseSeen.reset()
  for (const { service, version, deployedAt, last } of watched) {
    releaseWatched.set({ service, version }, toMs(deployedAt) / 1_000)
    if (last) releaseSeen.set({ service, version }, toMs(last.at) / 1_000)
  }
}
