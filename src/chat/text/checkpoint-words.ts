import type { Checkpoint, CheckpointMoment } from '../../domain/incident/checkpoint.ts'
import { mrk, trusted, type Mrkdwn } from './text.ts'

const MOMENT_WORDS: { readonly [Moment in CheckpointMoment]: (plan: number) => Mrkdwn } = {
  signed: (plan) => mrk`plan ${plan} is signed`,
  'first-write': (plan) => mrk`plan ${plan} begins to write`,
  closed: () => trusted('the incident is closed'),
}

/** How far the journal was, in one line. */
export function checkpointLine({ of, plan, position, hash }: Checkpoint): Mrkdwn {
  return mrk`🔗 Journal checkpoint: ${MOMENT_WORDS[of](plan ?? 0)}. Event ${position}, hash ${hash}`
}

/** The same for its thread, with the signature where there is one. {@link checkpointIn} reads it back. */
export function checkpointLines(checkpoint: Checkpoint): readonly Mrkdwn[] {
  const { signed } = checkpoint
  return [
    mrk`${checkpointLine(checkpoint)}.`,
    ...(signed ? [mrk`Signed with key ${signed.key}: ${signed.signature}`] : []),
  ]
}

const TOLD = /^\S+ Journal checkpoint: .+\. Event (\d{1,15}), hash ([0-9a-f]{64})\.$/u

/** What a message of ours says of the journal; `null`: it says nothing of it. */
export function checkpointIn(text: string): Pick<Checkpoint, 'position' | 'hash'> | null {
  const [, position, hash] = TOLD.exec(text) ?? []
  return hash === undefined ? null : { position: Number(position), hash }
}
