import { inWords } from '../../domain/text/duration.ts'
import { isMovingTag } from '../../domain/workload/versions.ts'
import { versionOf } from '../../domain/workload/workload.ts'
import type { KeptRevision, Release } from '../../ports/deployment-state.ts'

/** Whether people go without while its pods take each other's place. */
export function goneMeanwhile({
  service,
  pace,
}: Pick<Release, 'service' | 'pace'>): readonly string[] {
  if (pace.servesMeanwhile) return []
  const { lastTookMs } = pace
  const last = lastTookMs === null ? '' : `, about ${inWords(lastTookMs)} the last time`
  return [
    `${service}: every pod ends before the first new one is ready. Nobody is served meanwhile${last}.`,
  ]
}

/** What a tag stands for now is whatever was pushed last: that may be the bad build. */
export function movingTags(service: string, to: Pick<KeptRevision, 'images'>): readonly string[] {
  const tags = [...new Set(to.images.filter(isMovingTag).map(versionOf))]
  return tags.map(
    (tag) =>
      `${service}: the tag ${tag} moves. What comes back is what was pushed under it last, which may be the bad build.`,
  )
}
