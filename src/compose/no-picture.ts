import { Fault } from '../domain/base/fault.ts'
import { redact } from '../domain/text/redact.ts'

/** Why there is no picture, for people. */
export function noPicture(error: unknown, signal: AbortSignal): string {
  if (error instanceof Fault) return error.detail
  return signal.aborted ? 'it took too long' : `unexpected: ${redact(String(error))}`
}
