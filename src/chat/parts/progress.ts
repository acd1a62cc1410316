import type { Progress } from '../../domain/plan/run.ts'
import { clipped, mrk, trusted, type Mrkdwn } from '../text/text.ts'

const CELLS = 10

/** How far something is, in its own words, with a bar where it can be counted. */
export function underWay({
  says,
  progress,
}: {
  readonly says: string
  readonly progress: Progress | null
}): Mrkdwn {
  const text = clipped(says, 500)
  return progress && progress.total > 0 ? mrk`${text} ${bar(progress)}` : text
}

/** More than all is all: what is counted may have grown meanwhile. */
function bar({ done, total }: Progress): Mrkdwn {
  const share = Math.min(1, done / total)
  const full = Math.floor(share * CELLS)
  return trusted(`${'▰'.repeat(full)}${'▱'.repeat(CELLS - full)} ${Math.floor(share * 100)} %`)
}
