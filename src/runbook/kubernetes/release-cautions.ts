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

export const ONLY_TEMPLATES =
  'Only the pod template goes back: ConfigMaps, Secrets and the number of pods stay as they are.'

type Images = Pick<KeptRevision, 'images'>

/** The same of an undo, which is no way away from a bad build. */
export function movingTagsBack(service: string, to: Images): readonly string[] {
  return [...new Set(to.images.filter(isMovingTag))].map((image) => {
    return `${service}: the tag ${versionOf(image)} moves. What comes back is what was pushed under it last.`
  })
}

/** What a tag stands for now is whatever was pushed last: that may be the bad build. */
export function movingTags(service: string, from: Images, to: Images): readonly string[] {
  return [...new Set(to.images.filter(isMovingTag))].map((image) => {
    const tag = `${service}: the tag ${versionOf(image)} moves`
    const mayBeBad = 'what was pushed under it last, which may be the bad build'
    return from.images.includes(image)
      ? `${tag}, and runs now too. Only what else differs goes back; the image is ${mayBeBad}.`
      : `${tag}. What comes back is ${mayBeBad}.`
  })
}
