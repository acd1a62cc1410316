import { toIso, toMs } from '../../domain/base/instant.ts'
import type { View } from '../../domain/base/view.ts'
import type { KeptReadiness, ReadinessNews } from '../../domain/readiness/news.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Conversations } from '../../ports/conversations.ts'

/** A call to Slack ends before: until then it may still arrive (J4). */
const IN_FLIGHT_MS = 10_000
/** Clocks differ: it is looked for from this long before it was sent. */
const CLOCK_SLACK_MS = 120_000

/** Posts what nobody was told yet, once, the oldest first. Throws the `Fault` of Slack, or of the disk. */
export function newsTeller(deps: {
  readonly channel: string
  readonly conversations: Pick<Conversations, 'post' | 'find'>
  readonly render: (news: ReadinessNews) => View
  readonly clock: Clock
  readonly kept: () => Promise<KeptReadiness>
  readonly keep: (next: KeptReadiness) => Promise<void>
}): () => Promise<void> {
  const { conversations, clock, kept, keep } = deps
  const place = { channel: deps.channel, thread: null }

  /** What was about to be sent is looked for first: it may have arrived. */
  async function sentOnce(news: ReadinessNews, now: KeptReadiness): Promise<'sent' | 'wait'> {
    if (news.sentAt !== null) {
      const sentMs = toMs(news.sentAt)
      if (Math.abs(clock.now() - sentMs) < IN_FLIGHT_MS) return 'wait'
      if (await conversations.find(place, news.key, sentMs - CLOCK_SLACK_MS)) return 'sent'
    }
    const claimed = { ...news, sentAt: toIso(clock.now()) }
    await keep({ ...now, untold: [claimed, ...now.untold.slice(1)] })
    await conversations.post(place, deps.render(news), news.key)
    return 'sent'
  }

  return async function tell(): Promise<void> {
    const now = await kept()
    const [news, ...later] = now.untold
    if (!news || (await sentOnce(news, now)) === 'wait') return
    await keep({ ...now, untold: later })
    return tell()
  }
}
