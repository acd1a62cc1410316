import { createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import { signedText, type Checkpoint } from '../domain/incident/checkpoint.ts'

/** What somebody outside the journal was told of it. */
export type Anchor = {
  readonly position: number
  readonly hash: string
  /** Where that is kept: "the thread of incident i-1". */
  readonly where: string
}

/** What a journal is held against, beside itself: without it, a whole new one would pass. */
export type HeldAgainst = {
  readonly anchors: readonly Anchor[]
  /** Of the installation: where there are any, only what one of them has signed counts. */
  readonly publicKeys: readonly KeyObject[]
}

export const NOTHING_OUTSIDE: HeldAgainst = { anchors: [], publicKeys: [] }

/** What tells one key from another: the first digits of the SHA-256 of its public half. */
export function keyId(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key
  const der = half.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('hex').slice(0, 16)
}

/** Whether a checkpoint that holds shows that what it covers was not made anew. */
export function counts({ signed }: Checkpoint, publicKeys: readonly KeyObject[]): boolean {
  return publicKeys.length === 0 || signed !== undefined
}

/** Why a checkpoint in the journal does not hold; `null`: it does. `hashes`: of all events before it. */
export function wrongCheckpoint(
  incident: string,
  checkpoint: Checkpoint,
  hashes: readonly string[],
  publicKeys: readonly KeyObject[],
): string | null {
  const { position, hash, signed } = checkpoint
  if (hashes[position - 1] !== hash) return `it is a checkpoint of another event ${position}`
  if (!signed || publicKeys.length === 0) return null
  const key = publicKeys.find((one) => keyId(one) === signed.key)
  if (!key) return `it is a checkpoint signed with key ${signed.key}, which was not given`
  const text = Buffer.from(signedText(incident, checkpoint))
  const holds = verify(null, text, key, Buffer.from(signed.signature, 'base64url'))
  return holds ? null : 'it is a checkpoint whose signature does not match'
}
