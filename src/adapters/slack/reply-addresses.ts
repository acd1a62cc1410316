import type { KnownBlock } from '@slack/types'
import { LRUCache } from 'lru-cache'
import type { View } from '../../domain/base/view.ts'
import { slackBlocks } from './blocks.ts'

/** Slack's `respond()`: works where the bot is no member, five times within half an hour. */
type Respond = (message: {
  response_type: 'ephemeral'
  replace_original: false
  text: string
  blocks: KnownBlock[]
}) => Promise<unknown>

export type ReplyAddresses = {
  keep(user: string, channel: string, respond: Respond): void
  /** Answers there; `false` when there is no address, or it no longer works. */
  use(user: string, channel: string, view: View): Promise<boolean>
}

const USES = 4
const LIFETIME_MS = 29 * 60_000
const MOST = 1_000

/** How long a person waits for it before the other way to tell them is taken. */
const DEADLINE_MS = 3_000

/** The newest response address of each person in each channel. In memory: an answer in passing only. */
export function replyAddresses(now: () => number): ReplyAddresses {
  const kept = new LRUCache<string, { respond: Respond; uses: number; untilMs: number }>({
    max: MOST,
  })
  return {
    keep(user, channel, respond) {
      kept.set(`${user} ${channel}`, { respond, uses: USES, untilMs: now() + LIFETIME_MS })
    },
    async use(user, channel, view) {
      const address = kept.peek(`${user} ${channel}`)
      if (!address || address.uses === 0 || address.untilMs < now()) return false
      address.uses -= 1
      if (await inTime(answered(address.respond, view))) return true
      address.uses = 0
      return false
    },
  }
}

/** Slack does not say there what it refused: the sentence without its layout is tried next. */
async function answered(respond: Respond, { text, blocks }: View): Promise<boolean> {
  const message = { response_type: 'ephemeral', replace_original: false, text } as const
  const accepted = (shown: KnownBlock[]) =>
    respond({ ...message, blocks: shown }).then(
      () => true,
      () => false,
    )
  return (await accepted(slackBlocks(blocks))) || (blocks.length > 0 && accepted([]))
}

async function inTime(answer: Promise<boolean>): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<false>()
  const timer = setTimeout(() => resolve(false), DEADLINE_MS)
  try {
    return await Promise.race([answer, late])
  } finally {
    clearTimeout(timer)
  }
}
