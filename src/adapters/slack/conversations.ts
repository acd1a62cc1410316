import { setTimeout as delay } from 'node:timers/promises'
import type { WebClient } from '@slack/web-api'
import type { KnownBlock } from '@slack/types'
import { z } from 'zod'
import { Fault } from '../../domain/base/fault.ts'
import type { View } from '../../domain/base/view.ts'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import { slackBlocks } from './blocks.ts'
import { slackFault, slackWriteFault } from './faults.ts'
import { messageLinks } from './message-links.ts'
import type { ReplyAddresses } from './reply-addresses.ts'

/** How many pages of a channel are searched: 1,000 messages since the post that is looked for. */
const MOST_PAGES = 5

/** Who we are is asked at the same time as the rest when the bot starts. */
const IDENTITY_MS = 2_000

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
  response_metadata: z.object({ next_cursor: z.string().default('') }).optional(),
})

type Author = { readonly user?: string | undefined; readonly bot_id?: string | undefined }

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
  /** Who we are: only what we said ourselves is found. */
  readonly us: Promise<{ readonly bot: string; readonly botUser: string }>
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

  /** Anybody may post blocks with any `block_id`: a key alone proves nothing. */
  async function isOurs(): Promise<(message: Author) => boolean> {
    const self = await Promise.race([us, delay(IDENTITY_MS, null, { ref: false })])
    if (!self) throw unidentified()
    return ({ bot_id, user }) => user === self.botUser || (self.bot !== '' && bot_id === self.bot)
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

    async find({ channel, thread }, key, sinceMs) {
      try {
        const oldest = String(sinceMs / 1000)
        let cursor: string | undefined
        for (let page = 0; page < MOST_PAGES; page += 1) {
          const wanted = { channel, oldest, limit: 200, ...(cursor ? { cursor } : {}) }
          // oxlint-disable-next-line no-await-in-loop -- each page names the next one
          const answer = await (thread
            ? client.conversations.replies({ ...wanted, ts: thread })
            : client.conversations.history(wanted))
          const { messages, response_metadata } = Found.parse(answer)
          const keyed = messages.filter(({ blocks }) =>
            blocks?.[0]?.block_id?.startsWith(`${key}#`),
          )
          // oxlint-disable-next-line no-await-in-loop -- at most once for a key
          const ours = keyed.length > 0 ? keyed.find(await isOurs()) : undefined
          if (ours) return { ts: ours.ts }
          cursor = response_metadata?.next_cursor
          if (!cursor) return null
        }
        return null
      } catch (error) {
        throw slackFault(error)
      }
    },

    linkTo: messageLinks(client, log),

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

function unidentified(): Fault {
  const detail = 'Slack has not said yet who Backout is'
  return new Fault({ kind: 'retryable', dependency: 'slack', detail })
}
