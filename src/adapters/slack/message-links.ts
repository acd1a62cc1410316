import type { WebClient } from '@slack/web-api'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { Conversations } from '../../ports/conversations.ts'
import type { Log } from '../../ports/log.ts'
import { slackFault } from './faults.ts'

const MOST = 1_000

/**
 * https://docs.slack.dev/reference/methods/chat.getPermalink: any token may ask, of a conversation that
 * it sees. A message's address never changes: it is asked for once.
 */
export function messageLinks(client: WebClient, log: Log): Conversations['linkTo'] {
  const known = new LRUCache<string, string>({ max: MOST })
  return async ({ channel, ts }) => {
    const key = `${channel} ${ts}`
    const before = known.get(key)
    if (before !== undefined) return before
    try {
      const { permalink } = await client.chat.getPermalink({ channel, message_ts: ts })
      const link = z.url({ protocol: /^https?$/ }).parse(permalink)
      known.set(key, link)
      return link
    } catch (error) {
      log.warn('Slack gave no link to a message', { error: slackFault(error) })
      return null
    }
  }
}
