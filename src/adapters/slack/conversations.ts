import type { WebClient } from '@slack/web-api'
import type { KnownBlock } from '@slack/types'
import { z } from 'zod'
import type { View } from '../../domain/base/view.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import { slackBlocks } from './blocks.ts'
import { slackFault, slackWriteFault } from './faults.ts'
import { slackFiles } from './files.ts'
import { messageLinks } from './message-links.ts'
import { messagesSince } from './messages-since.ts'
import { ourselves, type Us } from './ourselves.ts'
import type { ReplyAddresses } from './reply-addresses.ts'

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
  readonly us: Us
  readonly log: Log
}): Conversations {
  const { client, replies, newEditId, us, log } = options

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

  /** A layout that Slack refuses must not silence the bot: the sentence alone is sent instead. */
  async function send<Result>(
    view: View,
    sending: (view: View) => Promise<Result>,
  ): Promise<Result> {
    try {
      return await sending(view)
    } catch (error) {
      const fault = slackWriteFault(error)
      if (fault.code !== 'layout-refused' || view.blocks.length === 0) throw fault
      log.error('Slack refused the layout of a message; sent as plain text', { error: fault })
      return send({ text: view.text, blocks: [] }, sending)
    }
  }

  return {
    async post({ channel, thread }, view, key) {
      return send(view, async (shown) => {
        const { ts } = await client.chat.postMessage({
          channel,
          ...(thread ? { thread_ts: thread } : {}),
          text: shown.text,
          blocks: blocksOf(shown, key),
          ...QUIET,
        })
        return { ts: z.string().parse(ts) }
      })
    },

    async update({ channel, ts }, view, key) {
      await send(view, (shown) =>
        client.chat.update({ channel, ts, text: shown.text, blocks: blocksOf(shown, key) }),
      )
    },

    async find(place, key, sinceMs) {
      try {
        for await (const messages of messagesSince(client, place, sinceMs)) {
          const keyed = messages.filter(({ blocks }) =>
            blocks?.[0]?.block_id?.startsWith(`${key}#`),
          )
          const ours = keyed.length > 0 ? keyed.find(await ourselves(us)) : undefined
          if (ours) return { ts: ours.ts }
        }
        return null
      } catch (error) {
        throw slackFault(error)
      }
    },

    linkTo: messageLinks(client, log),
    ...slackFiles({ client, us }),

    async tell(user, { channel, thread }, view) {
      // A response address knows no thread: people in one would look for the answer in vain.
      if (!thread && (await replies.use(user, channel, view))) return
      await send(view, (shown) =>
        client.chat.postEphemeral({
          channel,
          user,
          ...(thread ? { thread_ts: thread } : {}),
          text: shown.text,
          blocks: slackBlocks(shown.blocks),
        }),
      )
    },
  }
}
