import type { Chart } from '../chat/report/contents.ts'
import { chartOccasions } from '../domain/chart/occasions.ts'
import { untilAborted } from '../domain/base/until-aborted.ts'
import type { Incident } from '../domain/incident/incident.ts'
import type { FileSource } from '../engine/outbox/file-courier.ts'
import { noPicture } from './no-picture.ts'

/** Of the time that there is to make and send a file. */
const WORDS_MS = 8_000

/** The picture of an incident in words; `null`: nothing tells numbers. Throws what they cannot be had for. */
type PictureWords = (incident: Incident, signal: AbortSignal) => Promise<string | null>

/**
 * The report as a file in the thread, each time that it was written; only the newest is owed. It is made of the
 * state: what stands beside the evidence needs not be read again.
 */
export function reportShare(pictureWords: PictureWords): FileSource {
  return {
    owed({ id, report: { written } }) {
      return written > 0 ? [{ key: `report-${written}`, name: `${id}-report-${written}.md` }] : []
    },

    async make(incident, _key, signal) {
      const { reportAsFile } = await import('./report-files.ts')
      return reportAsFile(incident, await chartIn(incident, pictureWords, signal))
    },
  }
}

/** The picture is in the thread by itself: in the report it is told. */
async function chartIn(
  incident: Incident,
  pictureWords: PictureWords,
  signal: AbortSignal,
): Promise<Chart | null> {
  const files = incident.outbox.file
  const stands = chartOccasions(incident).some(({ key }) => files[key]?.kind === 'delivered')
  const soon = AbortSignal.any([signal, AbortSignal.timeout(WORDS_MS)])
  try {
    const alt = await untilAborted(pictureWords(incident, soon), soon)
    return alt === null ? null : { kind: 'in-thread', alt, stands }
  } catch (error) {
    if (stands) return { kind: 'in-thread', alt: null, stands }
    return { kind: 'none', because: noPicture(error, soon) }
  }
}
