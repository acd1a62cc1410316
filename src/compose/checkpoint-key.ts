import { createPrivateKey, sign } from 'node:crypto'
import { keyId } from '../journal/prove-checkpoints.ts'
import type { SignCheckpoint } from '../engine/record-checkpoints.ts'

/** What tells the key from another one. */
export function keyIdOf(pem: string): string {
  return keyId(createPrivateKey(pem))
}

/** Signs with the installation's key, which the configuration has found to be an Ed25519 key. */
export function checkpointSigner(pem: string): SignCheckpoint {
  const key = createPrivateKey(pem)
  const id = keyId(key)
  return (text) => ({
    key: id,
    signature: sign(null, Buffer.from(text), key).toString('base64url'),
  })
}
