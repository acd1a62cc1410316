import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isValidSlackRequest } from '@slack/bolt'

/** Slack's own limit of age; and our clocks may differ by this much. */
const OLDEST_SECONDS = 5 * 60
const FUTURE_SECONDS = 60

/** Slack writes no other. Strict, so that one signature has one spelling. */
const SIGNATURE = /^v0=[0-9a-f]{64}$/
const TIME = /^\d{1,10}$/

/** What a request says of itself before its body is read. It proves nothing yet. */
export type Claim = { readonly signature: string; readonly timestamp: number }

/** The claim in the headers, or in words why no body could ever prove it. */
export function claimOf(headers: IncomingHttpHeaders, nowMs: number): Claim | string {
  const signature = headers['x-slack-signature']
  const time = headers['x-slack-request-timestamp']
  if (typeof signature !== 'string' || !SIGNATURE.test(signature)) return 'it is not signed'
  if (typeof time !== 'string' || !TIME.test(time)) return 'it does not say when it was signed'
  const timestamp = Number(time)
  const ageSeconds = nowMs / 1000 - timestamp
  if (ageSeconds > OLDEST_SECONDS) return 'it is too old'
  if (ageSeconds < -FUTURE_SECONDS) return 'its time lies in the future'
  return { signature, timestamp }
}

/** Whether these exact bytes were signed with our secret. */
export function isProved(
  { signature, timestamp }: Claim,
  body: Buffer,
  { signingSecret, nowMs }: { readonly signingSecret: string; readonly nowMs: number },
): boolean {
  return isValidSlackRequest({
    signingSecret,
    body: body.toString(),
    headers: { 'x-slack-signature': signature, 'x-slack-request-timestamp': timestamp },
    nowMilliseconds: nowMs,
  })
}

/**
 * The whole body. Kept in one piece that grows where it is and is given back at once: a list of many
 * small chunks, or what is copied at each growth, would take many times what was sent. `holds` hears
 * of each growth before it is filled.
 */
export function bodyOf(
  request: IncomingMessage,
  { mostBytes, holds }: { readonly mostBytes: number; readonly holds: (moreBytes: number) => void },
): Promise<Buffer | 'too large' | 'cut off'> {
  if (Number(request.headers['content-length'] ?? 0) > mostBytes) {
    return Promise.resolve('too large')
  }
  return new Promise((resolve) => {
    const held = new ArrayBuffer(0, { maxByteLength: mostBytes })
    let length = 0
    const add = (chunk: Buffer): void => {
      const needed = length + chunk.length
      if (needed > mostBytes) return settle('too large')
      if (needed > held.byteLength) {
        const wider = Math.min(mostBytes, Math.max(needed, 2 * held.byteLength))
        holds(wider - held.byteLength)
        held.resize(wider)
      }
      new Uint8Array(held).set(chunk, length)
      length = needed
    }
    const settle = (outcome: Buffer | 'too large' | 'cut off'): void => {
      request.off('data', add)
      held.resize(0)
      resolve(outcome)
    }
    request.on('data', add)
    request.once('end', () => settle(Buffer.from(new Uint8Array(held, 0, length))))
    request.once('error', () => settle('cut off'))
    request.once('close', () => settle('cut off'))
  })
}
