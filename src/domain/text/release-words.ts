import type { NamedRelease } from '../base/actor.ts'
import { namesUpTo } from './names-up-to.ts'

const MOST_NAMED = 3

/** Those deployed within the same minute, with the moment of the first that is told of. */
export function deployedTogether(
  releases: readonly NamedRelease[],
): readonly { readonly names: string; readonly deployedAt: string }[] {
  const minutes = Map.groupBy(releases, ({ deployedAt }) => deployedAt.slice(0, 16))
  return [...minutes.values()].flatMap(([first, ...others]) => {
    if (!first) return []
    const named = [first, ...others].map(({ service, version }) => `${service} ${version}`)
    return [{ names: namesUpTo(MOST_NAMED, named), deployedAt: first.deployedAt }]
  })
}

/** "backend v2.0.0, frontend v2.0.0, deployed 03:02 UTC"; a version is somebody else's text. */
export function releasesInWords(releases: readonly NamedRelease[]): string {
  return deployedTogether(releases)
    .slice(0, MOST_NAMED)
    .map(({ names, deployedAt }) => `${names}, deployed ${deployedAt.slice(11, 16)} UTC`)
    .join('; ')
}
