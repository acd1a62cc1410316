import type { View } from '../../domain/base/view.ts'
import type { Reading } from '../../domain/readiness/readiness.ts'
import type { RollbackTime } from '../../domain/incident/rollback-times.ts'
import type { WatchedRelease } from '../../domain/watch/release-watch.ts'
import type { KnownBlock } from '@slack/types'
import { rollbackTimesLines } from '../parts/rollback-times-lines.ts'
import { watchedLines } from '../parts/release-watch-lines.ts'
import { context, header, listed, section, view } from '../parts/blocks.ts'
import {
  checkedLine,
  checkLines,
  readinessSentence,
  wayLines,
  worstFirst,
} from '../parts/readiness-lines.ts'
import { counted, mrk, oneLine } from '../text/text.ts'

/** Whether each way back would work now, and what was looked at for that. `null`: nobody has looked yet. */
export function readinessView(
  reading: Reading | null,
  environment: string,
  nowMs: number,
  shownToo: {
    /** What the release watch looks at; `null`: it is not switched on. */
    readonly watched?: readonly WatchedRelease[] | 'elsewhere' | null
    readonly rollbacks?: readonly RollbackTime[]
  } = {},
): View {
  const { watched = null, rollbacks = [] } = shownToo
  const also = [...watchBlocks(watched), ...rollbackBlocks(rollbacks)]
  if (!reading) {
    const nothing = 'Nobody has looked yet whether the ways back would work.'
    return view(nothing, [
      section(mrk`${nothing}`),
      ...also,
      context(
        mrk`Next: ask again in a minute. It is looked at now, unless a rollback is under way.`,
      ),
    ])
  }
  const says = readinessSentence(reading)
  const { waysBack, beside } = reading
  return view(`${oneLine(environment, 60)}: ${says}`, [
    header(`Readiness: ${oneLine(environment, 60)}`),
    section(mrk`*${says}*`),
    ...listed(worstFirst(waysBack).map(wayLines), {
      apart: true,
      leftOut: (count) => `${counted(count, 'more way', 'more ways')} back did not fit here.`,
    }),
    ...(beside.length > 0
      ? [section(mrk`*A rollback works without these*`, ...checkLines(beside))]
      : []),
    ...also,
    context(
      checkedLine(reading, nowMs),
      mrk`Each plan was made as “plan” makes it, and tried up to its last write. Nothing was written.`,
    ),
  ])
}

function watchBlocks(
  watched: readonly WatchedRelease[] | 'elsewhere' | null,
): readonly KnownBlock[] {
  return watched === null ? [] : [section(...watchedLines(watched))]
}

function rollbackBlocks(times: readonly RollbackTime[]): readonly KnownBlock[] {
  const said = rollbackTimesLines(times)
  return said.length === 0 ? [] : [section(...said)]
}
