import type { WebClient } from '@slack/web-api'
import type { KnownBlock } from '@slack/types'
import { z } from 'zod'
import type { View } from '../../domain/view.ts'
import type { Conversations } from '../../ports/conversations.ts'
import { slackBlocks } from './blocks.ts'
import { slackFault } from './faults.ts'
import type { ReplyAddresses } from './reply-addresses.ts'

const Found = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        user: z.string().optional(),
        bot_id: z.string().optional(),
        blocks: z.array(z.object({ block_id: z.string().optional() })).optional(),
      }),
    )
    .default([]),
})

const QUIET = { unfurl_links: false, unfurl_media: false } as const

/**
 * Messages over the Web API. A message carries its key in its first block's `block_id`, which Slack
 * keeps and gives back: that is how it is found again after a lost reply. The part behind `#`
 * changes with every edit, as Slack asks for.
 */
export function slackConversations(options: {
  readonly client: WebClient
  readonly replies: ReplyAddresses
  readonly newEditId: () => string
}): Conversations {
  const { client, replies, newEditId } = options

  function blocksOf({ text, blocks }: View, key: string): KnownBlock[] {
    const shown =
      blocks.length > 0
        ? blocks
        : [{ type: 'section', text: { type: 'plain_text', text: text.slice(0, 3000) } }]
    const edit = newEditId()
    return slackBlocks(
      shown.map((block, index) => ({ ...block, block_id: `${key}#${edit}.${index}` })),
    )
  }

  return {
    async post({ channel, thread }, view, key) {
      try {
        const posted = await client.chat.postMessage({
          channel,
          ...(thread ? { thread_ts: thread } : {}),
          text: view.text,
          blocks: blocksOf(view, key),
          ...QUIET,
        })
        return { ts: z.string().parse(posted.ts) }
      } catch (error) {
        throw slackFault(error, true)
      }
    },

    async update({ channel, ts }, view, key) {
      try {
        await client.chat.update({ channel, ts, text: view.text, blocks: blocksOf(view, key) })
      } catch (error) {
        throw slackFault(error, true)
      }
    },

    async find({ channel, thread }, key, sinceMs) {
      try {
        const oldest = String(sinceMs / 1000)
        const answer = thread
          ? await client.conversations.replies({ channel, ts: thread, oldest, limit: 200 })
          : await client.conversations.history({ channel, oldest, limit: 200 })
        const { messages } = Found.parse(answer)
        const ours = messages.find(({ bot_id, user, blocks }) => {
          return (bot_id ?? user) && blocks?.[0]?.block_id?.startsWith(`${key}#`)
        })
        return ours ? { ts: ours.ts } : null
      } catch (error) {
        throw slackFault(error, false)
      }
    },

    async tell(user, { channel, thread }, view) {
      if (await replies.use(user, channel, view)) return
      try {
        await client.chat.postEphemeral({
          channel,
          user,
          ...(thread ? { thread_ts: thread } : {}),
          text: view.text,
          blocks: slackBlocks(view.blocks),
        })
      } catch (error) {
        throw slackFault(error, true)
      }
    },
  }
}
