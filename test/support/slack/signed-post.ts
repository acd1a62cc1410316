import { createHmac } from 'node:crypto'

export type SignedPostOptions = {
  /** Seconds; default now. Slack's and Bolt's limit is five minutes of age. */
  timestamp?: number
  badSignature?: boolean
  contentType?: string
}

/** Slack in HTTP mode: a request signed as `v0`, over the timestamp and the exact bytes. */
export const signedPost = (
  url: string,
  signingSecret: string,
  body: string,
  options: SignedPostOptions = {},
): Promise<Response> => {
  const timestamp = String(options.timestamp ?? Math.floor(Date.now() / 1000))
  const secret = options.badSignature ? `${signingSecret}-wrong` : signingSecret
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')
  return fetch(url, {
    method: 'POST',
    headers: {
      'content-type': options.contentType ?? 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': timestamp,
      'x-slack-signature': `v0=${digest}`,
    },
    body,
  })
}
