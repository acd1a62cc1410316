import type { NamedRelease } from '../base/actor.ts'
import { namesUpTo } from './names-up-to.ts'

const MOST_NAMED = 3

/** "backend v2.0.0, deployed 03:02 UTC"; a version is somebody else's text. */
export function releasesInWords(releases: readonly NamedRelease[]): string {
  const named = releases.map(({ service, version, deployedAt }) => {
    return `${service} ${version}, deployed ${deployedAt.slice(11, 16)} UTC`
  })
  return namesUpTo(MOST_NAMED, named)
}
