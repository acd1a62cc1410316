import { Fault } from '../domain/base/fault.ts'
import { redact } from '../domain/text/redact.ts'

/** Why there is no picture, for people. */
export function noPicture(error: unknown, signal: AbortSignal): string {
  if (error instanceof Fault) return error.detail
  if (!signal.aborted) return `unexpected: ${redact(String(error))}`
  const late = signal.reason instanceof Error && signal.reason.name === 'TimeoutError'
  return late ? 'it took too long' : 'it was stopped'
}
