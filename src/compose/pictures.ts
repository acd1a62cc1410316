import { chartTitle } from '../chat/chart/chart-words.ts'
import { Fault } from '../domain/base/fault.ts'
import { toMs } from '../domain/base/instant.ts'
import { chartOccasions } from '../domain/chart/occasions.ts'
import type { Incident } from '../domain/incident/incident.ts'
import type { FileSource } from '../engine/outbox/file-courier.ts'
import type { Clock } from '../ports/clock.ts'
import { noPicture, wasStopped } from './no-picture.ts'
import type { Picture } from './picture-of.ts'

/** What could not be drawn for so long is not drawn any more: the next occasion has a picture of its own. */
const GIVEN_UP_AFTER_MS = 30 * 60_000

/** One picture for each occasion, in the thread; only the newest is owed. */
export function pictureFiles(deps: {
  readonly pictureOf: (incident: Incident, signal: AbortSignal) => Promise<Picture | null>
  readonly clock: Clock
}): FileSource {
  return {
    owed(incident) {
      const last = chartOccasions(incident).at(-1)
      return last ? [{ key: last.key, name: `${incident.id}-${last.key}.png` }] : []
    },

    async make(incident, key, signal) {
      const occasion = chartOccasions(incident).find((one) => one.key === key)
      if (!occasion) throw nothingToDraw()
      try {
        const picture = await deps.pictureOf(incident, signal)
        if (!picture) throw nothingToDraw()
        return { title: chartTitle(occasion), altText: picture.alt, bytes: picture.png }
      } catch (error) {
        if (wasStopped(signal)) throw error
        const fault = error instanceof Fault ? error : undrawn(error, signal)
        const ageMs = deps.clock.now() - toMs(occasion.at)
        throw ageMs > GIVEN_UP_AFTER_MS ? givenUp(fault) : fault
      }
    },
  }
}

function nothingToDraw(): Fault {
  const detail = 'nothing tells numbers'
  return new Fault({ kind: 'terminal', dependency: 'drawing', code: 'no-metrics', detail })
}

/** Nothing was sent: whatever it is, it is said, and tried for as long as everything else. */
function undrawn(error: unknown, signal: AbortSignal): Fault {
  const detail = noPicture(error, signal)
  return new Fault({ kind: 'retryable', dependency: 'drawing', detail, cause: error })
}

function givenUp(fault: Fault): Fault {
  const { dependency, detail, code } = fault
  return new Fault({ kind: 'terminal', dependency, detail, code, cause: fault })
}
