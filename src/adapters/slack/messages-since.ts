import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import type { Place } from '../../domain/incident/place.ts'

/** How many pages of a channel are searched: 1,000 messages since the post that is looked for. */
const MOST_PAGES = 5

const Message = z.object({
  ts: z.string(),
  text: z.string().default(''),
  user: z.string().optional(),
  bot_id: z.string().optional(),
  blocks: z.array(z.object({ block_id: z.string().optional() })).optional(),
  files: z.array(z.object({ id: z.string(), name: z.string().nullish() })).optional(),
})
export type Message = z.infer<typeof Message>

const Page = z.object({
  messages: z.array(Message).default([]),
  response_metadata: z.object({ next_cursor: z.string().default('') }).optional(),
})

/** What stands in a channel or thread since then, page by page. */
export async function* messagesSince(
  client: WebClient,
  { channel, thread }: Place,
  sinceMs: number,
  mostPages = MOST_PAGES,
): AsyncGenerator<readonly Message[]> {
  const oldest = String(sinceMs / 1000)
  let cursor: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const wanted = { channel, oldest, limit: 200, ...(cursor ? { cursor } : {}) }
    // oxlint-disable-next-line no-await-in-loop -- each page names the next one
    const answer = await (thread
      ? client.conversations.replies({ ...wanted, ts: thread })
      : client.conversations.history(wanted))
    const { messages, response_metadata } = Page.parse(answer)
    yield messages
    cursor = response_metadata?.next_cursor
    if (!cursor) return
  }
}
