import {
  checkpointsDue,
  isTaken,
  signedText,
  type Checkpoint,
  type CheckpointSignature,
} from '../domain/incident/checkpoint.ts'
import type { Rules } from '../domain/incident/next-action.ts'
import type { Clock } from '../ports/clock.ts'
import type { Journal } from '../ports/journal.ts'
import type { IncidentLog } from './journal/incident-log.ts'

/** Signs how far the journal was; left out where the installation has no key. */
export type SignCheckpoint = (text: string) => CheckpointSignature

/** Writes down how far the journal is. Its thread is told by a note, as the journal then holds it (J8). */
export function checkpointRecorder(deps: {
  readonly incidents: IncidentLog
  readonly journal: Pick<Journal, 'head'>
  readonly clock: Clock
  readonly rules: Pick<Rules, 'checkpoints'>
  readonly signCheckpoint?: SignCheckpoint
}) {
  const { incidents, journal, clock, rules, signCheckpoint } = deps

  function signed(id: string, checkpoint: Checkpoint): Checkpoint {
    if (!signCheckpoint) return checkpoint
    return { ...checkpoint, signed: signCheckpoint(signedText(id, checkpoint)) }
  }

  return {
    async checkpoint(id: string): Promise<void> {
      const due = checkpointsDue(await incidents.load(id), clock.now(), rules.checkpoints ?? [])
      // Read after what is due was known: it covers what made it due.
      const { position, hash } = await journal.head()
      const taken = due.map((one) => signed(id, { ...one, position, hash }))
      await incidents.append(id, (newest) =>
        taken
          .filter((one) => !isTaken(newest, one))
          .map((checkpoint) => ({ type: 'checkpoint-taken', checkpoint })),
      )
    },
  }
}
