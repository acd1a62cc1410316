import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import { Fault } from '../../domain/base/fault.ts'

/** Shorter ones can be found out by trying. */
const SHORTEST_KEY = 32

const NONCE = 12
const TAG = 16

export type Seal = {
  /** `about` is sealed with it: what is put in another's place cannot be opened there. */
  close(text: string, about: string): Uint8Array
  /** Throws a `Fault` when it was closed with another key, or changed. */
  open(sealed: Uint8Array, about: string): string
}

/** AES-256-GCM, with a key made of the one in the environment. */
export function sealWith(key: string): Seal {
  if (key.length < SHORTEST_KEY) {
    throw secondFactorFault(`BACKOUT_SIGNING_KEY is shorter than ${SHORTEST_KEY} characters`)
  }
  const made = Buffer.from(hkdfSync('sha256', key, '', 'backout second factor 1', 32))
  return {
    close(text, about) {
      const nonce = randomBytes(NONCE)
      const cipher = createCipheriv('aes-256-gcm', made, nonce).setAAD(Buffer.from(about))
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body])
    },
    open(sealed, about) {
      try {
        const nonce = sealed.subarray(0, NONCE)
        const decipher = createDecipheriv('aes-256-gcm', made, nonce, { authTagLength: TAG })
        decipher.setAAD(Buffer.from(about)).setAuthTag(sealed.subarray(NONCE, NONCE + TAG))
        const body = sealed.subarray(NONCE + TAG)
        return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
      } catch (error) {
        const detail = 'what is kept was not sealed with this BACKOUT_SIGNING_KEY, or was changed'
        throw secondFactorFault(detail, error)
      }
    },
  }
}

/** SHA-256, so that who reads the store cannot use what stands there. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

export function secondFactorFault(detail: string, cause?: unknown): Fault {
  return new Fault({ kind: 'terminal', dependency: 'signing', detail, cause })
}
