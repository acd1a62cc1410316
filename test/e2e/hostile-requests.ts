import { createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import type { OutgoingHttpHeaders } from 'node:http'
import { gzipSync } from 'node:zlib'

/** A request in Slack's name. Everything about it may be wrong. */
export type Raw = {
  readonly method?: string
  readonly path?: string
  readonly headers: OutgoingHttpHeaders
  readonly body: string | Buffer
}

/** `null`: the connection was ended before there was an answer. */
export const sendRaw = (
  address: string,
  { method = 'POST', path, headers, body }: Raw,
): Promise<number | null> =>
  new Promise((resolve) => {
    const length = Buffer.byteLength(body)
    // A connection of its own: one that was ended must not look like an answer to the next request.
    const options = { method, agent: false, headers: { 'content-length': length, ...headers } }
    const sent = httpRequest(path ? new URL(path, address) : address, options, (answer) => {
      answer.resume()
      answer.once('close', () => resolve(answer.statusCode ?? null))
    })
    sent.once('error', () => resolve(null))
    sent.end(body)
  })

const FORM = 'application/x-www-form-urlencoded'

export const signatureOf = (secret: string, timestamp: string, body: string | Buffer): string =>
  createHmac('sha256', secret).update(`v0:${timestamp}:`).update(body).digest('hex')

/** As Slack signs it. */
export const honest = (secret: string, body: string, contentType = FORM): Raw => {
  const timestamp = String(Math.floor(Date.now() / 1000))
  return {
    body,
    headers: {
      'content-type': contentType,
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${signatureOf(secret, timestamp, body)}`,
    },
  }
}

type Forge = (secret: string, body: string) => Raw

const headersWith =
  (change: (hex: string, now: string) => OutgoingHttpHeaders): Forge =>
  (secret, body) => {
    const { headers } = honest(secret, body)
    const now = String(headers['x-slack-request-timestamp'])
    return { body, headers: { ...headers, ...change(signatureOf(secret, now, body), now) } }
  }

/** Signed rightly for a time that is none, or too far away. */
const signedAt =
  (timestamp: (nowS: number) => string): Forge =>
  (secret, body) => {
    const time = timestamp(Math.floor(Date.now() / 1000))
    const headers = {
      'content-type': FORM,
      'x-slack-request-timestamp': time,
      'x-slack-signature': `v0=${signatureOf(secret, time, body)}`,
    }
    return { body, headers }
  }

const signature = (change: (hex: string) => string | string[]) =>
  headersWith((hex) => ({ 'x-slack-signature': change(hex) }))

/** The honest request, with other bytes than those that were signed. */
const otherBytes =
  (change: (body: string) => string | Buffer, more: OutgoingHttpHeaders = {}): Forge =>
  (secret, body) => {
    const { headers } = honest(secret, body)
    return { headers: { ...headers, ...more }, body: change(body) }
  }

/** Rightly signed by nobody who knows the secret: none may be taken for Slack's. */
export const FORGERIES: readonly (readonly [string, Forge])[] = [
  ['another version of the signature', signature((hex) => `v1=${hex}`)],
  ['no version', signature((hex) => hex)],
  ['a signature that is too short', signature((hex) => `v0=${hex.slice(0, 32)}`)],
  ['a signature that is too long', signature((hex) => `v0=${hex}00`)],
  ['a signature of zeros', signature(() => `v0=${'0'.repeat(64)}`)],
  ['a signature in capitals', signature((hex) => `V0=${hex.toUpperCase()}`)],
  ['digits of another alphabet', signature(() => `v0=${'\u00B2'.repeat(64)}`)],
  [
    'a wrong signature and the right one',
    signature((hex) => [`v0=${'0'.repeat(64)}`, `v0=${hex}`]),
  ],
  [
    'the right signature and a wrong one',
    signature((hex) => [`v0=${hex}`, `v0=${'0'.repeat(64)}`]),
  ],
  ['an empty signature', signature(() => '')],
  ['a secret of before', (_, body) => honest('the-secret-of-last-year', body)],
  ['no secret', (_, body) => honest('', body)],
  [
    'another time than was signed',
    headersWith((_, now) => ({ 'x-slack-request-timestamp': String(Number(now) - 1) })),
  ],
  ['two times', headersWith((_, now) => ({ 'x-slack-request-timestamp': [now, '0'] }))],
  ['301 seconds ago', signedAt((nowS) => String(nowS - 301))],
  ['in 301 seconds', signedAt((nowS) => String(nowS + 301))],
  ['no number of a time', signedAt(() => 'NaN')],
  ['an empty time', signedAt(() => '')],
  ['a negative time', signedAt((nowS) => String(-nowS))],
  ['an endless time', signedAt(() => '1e999')],
  ['one byte more', otherBytes((body) => `${body}&`)],
  ['one byte changed', otherBytes((body) => body.replace('restart', 'Restart'))],
  ['the same form written anew', otherBytes((body) => body.replaceAll('+', '%20'))],
  ['packed with gzip', otherBytes((body) => gzipSync(body), { 'content-encoding': 'gzip' })],
  ['10 MB', otherBytes((body) => `${body}&x=${'x'.repeat(10_000_000)}`)],
  ['GET in place of POST', (secret, body) => ({ ...honest(secret, body), method: 'GET' })],
  ['another address', (secret, body) => ({ ...honest(secret, body), path: '/slack/actions' })],
  [
    'an address that leads back',
    (secret, body) => ({ ...honest(secret, body), path: '/slack/events/../admin' }),
  ],
]

/** Rightly signed, and no request that Slack would send. */
export const NONSENSE: readonly [name: string, body: string, contentType?: string][] = [
  ['nothing', ''],
  ['no form', 'restart backend'],
  ['a payload that is no JSON', 'payload=%7B'],
  ['a payload that is a list', 'payload=%5B%5D'],
  ['JSON without a type', '{}', 'application/json'],
  ['JSON that is cut off', '{"type":', 'application/json'],
  [
    'a command that is not ours',
    'command=%2Fdeploy&text=restart+backend&user_id=U0BO&channel_id=C0INCIDENTS',
  ],
]
