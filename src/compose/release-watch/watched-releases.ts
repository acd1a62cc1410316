import { toMs } from '../../domain/base/instant.ts'
import type { NewRelease } from '../../domain/watch/new-releases.ts'
import type { ReleaseTurn, WatchedRelease } from '../../domain/watch/release-watch.ts'
import type { Log } from '../../ports/log.ts'

type Watched = WatchedRelease & { readonly release: NewRelease }

/** Which releases this process watches, and how that goes. Of one service there is one: a newer one takes its place. */
export function watchedReleases(log: Log) {
  let all: readonly Watched[] = []

  function change(some: readonly NewRelease[], into: (one: Watched) => Watched): void {
    const keys = new Set(some.map(({ key }) => key))
    all = all.map((one) => (keys.has(one.release.key) ? into(one) : one))
  }

  function endOthers(keys: ReadonlySet<string>): void {
    for (const { release, service, version, looks, missed, last, isTold } of all) {
      if (keys.has(release.key) || isTold) continue
      // Silence is no word of health: what was not seen is said where the watch ends (J10).
      const told = { service, version, looks, missed, last: last?.look ?? null }
      if (missed > 0) log.warn('a release is watched no longer, and not all of it was seen', told)
      else log.info('a release is watched no longer', told)
    }
  }

  /** Those deployed after that moment, the oldest first. */
  const within = (sinceMs: number) => all.filter((one) => toMs(one.deployedAt) > sinceMs)

  return {
    /** These run now, and were deployed lately; the oldest first. */
    see(releases: readonly NewRelease[], at: string): void {
      endOthers(new Set(releases.map(({ key }) => key)))
      const known = new Map(all.map((one) => [one.release.key, one]))
      all = releases.map((release) => known.get(release.key) ?? beginning(release, at))
    },

    due: (sinceMs: number): readonly NewRelease[] =>
      within(sinceMs)
        .filter(({ isTold }) => !isTold)
        .map(({ release }) => release),

    note(releases: readonly NewRelease[], turn: ReleaseTurn, at: string): void {
      change(releases, (one) => {
        // Where people see to it already, none is taken.
        const looks = one.looks + (turn === 'held' ? 0 : 1)
        return turn === 'no-answer'
          ? { ...one, looks, missed: one.missed + 1 }
          : { ...one, looks, last: { at, look: turn } }
      })
    },

    /** Another process looks from here on. */
    forget(): void {
      all = []
    },

    tell: (releases: readonly NewRelease[]): void =>
      change(releases, (one) => ({ ...one, isTold: true })),

    shown: (sinceMs: number): readonly WatchedRelease[] => within(sinceMs).toReversed(),
  }
}

function beginning(release: NewRelease, since: string): Watched {
  const { service, version, deployedAt } = release
  const nothingYet = { looks: 0, missed: 0, last: null, isTold: false }
  return { release, service, version, deployedAt, since, ...nothingYet }
}
