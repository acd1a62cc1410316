import { z } from 'zod'
import { careful, ok, type Check } from '../../domain/base/doctor-check.ts'
import type { StatusReceipt } from '../../domain/outbox/status-post.ts'
import type { Endpoints } from '../../ports/endpoints.ts'
import type { StatusPages, StatusUpdate } from '../../ports/status-pages.ts'
import { answerFault, garbled } from './faults.ts'
import { asking } from './http.ts'

const DEPENDENCY = 'status page'

/** What it may answer; anything else that is a success is taken for one without a link. */
const Taken = z.object({
  id: z.string().min(1).max(500).optional(),
  link: z
    .url({ protocol: /^https?$/ })
    .max(1500)
    .nullish(),
})

/**
 * Any status page behind a webhook of the team's own: one JSON request for each update, with a key that is
 * the same when it is sent again. With a find address it is looked for there before it is sent again.
 */
export function statusWebhook(options: {
  readonly url: string
  readonly token: string | null
  /** `{incident}` and `{key}` are put in; 404: it is not there. `null`: it cannot be asked. */
  readonly findUrl: string | null
  readonly endpoints: Endpoints
  readonly now: () => number
}): StatusPages {
  const { url, token, findUrl, now } = options
  const ask = asking(DEPENDENCY, options.endpoints, now)
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }

  function receiptOf({ key }: StatusUpdate, json: unknown): StatusReceipt {
    const { id = key, link = null } = Taken.safeParse(json).data ?? {}
    return { id, link: link ?? null, at: new Date(now()).toISOString() }
  }

  async function lookFor(update: StatusUpdate, address: string, signal: AbortSignal) {
    const asked = address
      .replaceAll('{incident}', encodeURIComponent(update.incident))
      .replaceAll('{key}', encodeURIComponent(update.key))
    const answer = await ask({ method: 'GET', url: asked, headers, signal })
    if (answer.status === 404) return null
    if (answer.status !== 200) {
      throw answerFault(answer, { dependency: DEPENDENCY, doing: 'reading', told: 'not-at-all' })
    }
    // A page that answers 200 to everything has found nothing.
    if (!Taken.safeParse(answer.json).success) throw garbled(DEPENDENCY, 'reading')
    return receiptOf(update, answer.json)
  }

  return {
    async publish(update, signal) {
      const answer = await ask({
        method: 'POST',
        url,
        headers: { ...headers, 'idempotency-key': `backout-${update.incident}-${update.key}` },
        body: messageOf(update),
        signal,
      })
      if (answer.status >= 200 && answer.status < 300) return receiptOf(update, answer.json)
      throw answerFault(answer, { dependency: DEPENDENCY, doing: 'writing', told: 'not-at-all' })
    },
    ...(findUrl !== null && {
      find: (update: StatusUpdate, signal: AbortSignal) => lookFor(update, findUrl, signal),
    }),
    check: async () => checks(findUrl),
  }
}

/** The public contract of the webhook: fields are added, never renamed or removed, within schema 1. */
function messageOf(update: StatusUpdate) {
  const { incident, key, stage, status, title, body, impact, components } = update
  return { schema: 1, incident, key, stage, status, title, body, impact, components }
}

/** It cannot be tried without publishing something. */
function checks(findUrl: string | null): readonly Check[] {
  return [
    ok(DEPENDENCY, 'webhook', 'an address is set; it is not tried, because that would publish'),
    ...(findUrl === null
      ? [
          careful(
            DEPENDENCY,
            'webhook',
            'it cannot be asked what it has taken: where an answer is lost, a person has to look',
            'set BACKOUT_STATUS_WEBHOOK_FIND_URL, if it has such an address',
          ),
        ]
      : []),
  ]
}
