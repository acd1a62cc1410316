import { generateSecret, generateURI, verifySync } from 'otplib'
import { STEP_SECONDS } from '../../domain/second-factor/code.ts'

/** 160 bits, as RFC 4226 recommends, in Base32. */
export const newSecret = (): string => generateSecret({ length: 20 })

/** As authenticators read it; `issuer` is what the entry is called there. */
export function uriOf(secret: string, { issuer, handle }: { issuer: string; handle: string }) {
  return generateURI({ issuer, label: handle, secret })
}

/** The half minute that this is the code of; `null`: of none near now. */
export function stepOf(secret: string, code: string, nowMs: number): number | null {
  const token = code.replace(/\s/g, '')
  // The library throws at any other shape.
  if (!/^\d{6}$/.test(token)) return null
  const epoch = Math.floor(nowMs / 1000)
  const found = verifySync({ secret, token, epoch, epochTolerance: STEP_SECONDS })
  return found.valid && 'timeStep' in found ? found.timeStep : null
}
