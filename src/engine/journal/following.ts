import type { Log } from '../../ports/log.ts'
import type { IncidentLog } from './incident-log.ts'

/** Reads what other processes have appended; of which incidents. Never throws. */
export function following({
  incidents,
  log,
}: {
  readonly incidents: IncidentLog
  readonly log: Log
}): () => Promise<readonly string[]> {
  return async () => {
    try {
      return await incidents.follow()
    } catch (error) {
      log.error('the journal cannot be followed', { error })
      return []
    }
  }
}
