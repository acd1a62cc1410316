import { toIso, toMs } from '../domain/base/instant.ts'
import type { View } from '../domain/base/view.ts'
import type { Clock } from '../ports/clock.ts'
import type { Conversations } from '../ports/conversations.ts'

/** A call to Slack ends before: until then it may still arrive (J4). */
const IN_FLIGHT_MS = 10_000
/** Clocks differ: it is looked for from this long before it was sent. */
const CLOCK_SLACK_MS = 120_000

type News = { readonly key: string; readonly sentAt: string | null }

/**
 * Posts what nobody was told yet, once, the oldest first. Throws the `Fault` of Slack, or of the disk. Whoever stops
 * telling in the middle of it leaves what is kept as it is: the next one reads it, and looks for what was sent.
 */
export function newsTeller<One extends News>(deps: {
  readonly channel: string
  readonly conversations: Pick<Conversations, 'post' | 'find'>
  readonly render: (news: One) => View
  readonly clock: Clock
  /** What nobody was told yet, the oldest first. */
  readonly untold: () => Promise<readonly One[]>
  readonly keep: (untold: readonly One[]) => Promise<void>
  /** Asked before each thing that it does; left out: no other process tells. */
  readonly tells?: () => boolean
}): () => Promise<void> {
  const { conversations, clock, untold, keep, tells = () => true } = deps
  const place = { channel: deps.channel, thread: null }

  /** What was about to be sent is looked for first: it may have arrived. */
  async function sentOnce(news: One, later: readonly One[]): Promise<'sent' | 'wait'> {
    if (news.sentAt !== null) {
      const sentMs = toMs(news.sentAt)
      if (Math.abs(clock.now() - sentMs) < IN_FLIGHT_MS) return 'wait'
      if (await conversations.find(place, news.key, sentMs - CLOCK_SLACK_MS)) return 'sent'
    }
    if (!tells()) return 'wait'
    await keep([{ ...news, sentAt: toIso(clock.now()) }, ...later])
    if (!tells()) return 'wait'
    await conversations.post(place, deps.render(news), news.key)
    return 'sent'
  }

  return async function tell(): Promise<void> {
    if (!tells()) return
    const [news, ...later] = await untold()
    if (!news || (await sentOnce(news, later)) === 'wait') return
    const left = (await untold()).filter(({ key }) => key !== news.key)
    if (!tells()) return
    await keep(left)
    return tell()
  }
}
