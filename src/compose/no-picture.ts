import { Fault } from '../domain/base/fault.ts'
import { redact } from '../domain/text/redact.ts'

/** Why there is no picture, for people. */
export function noPicture(error: unknown, signal: AbortSignal): string {
  if (error instanceof Fault) return error.detail
  if (isLate(error) || isLate(signal.reason)) return 'it took too long'
  return wasStopped(signal) ? 'it was stopped' : `unexpected: ${redact(String(error))}`
}

const isLate = (why: unknown): boolean => why instanceof Error && why.name === 'TimeoutError'

/** Nobody waits for it any more: that says nothing of whether it could be drawn. */
export function wasStopped({ aborted, reason }: AbortSignal): boolean {
  return aborted && !isLate(reason)
}
