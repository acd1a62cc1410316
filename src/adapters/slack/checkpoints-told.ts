import { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { checkpointIn } from '../../chat/text/checkpoint-words.ts'
import { slackFault } from './faults.ts'
import { messagesSince, type Message } from './messages-since.ts'
import { ourselves } from './ourselves.ts'
import { quietLogger } from './quiet-logger.ts'

const TIMEOUT_MS = 10_000
/** Of 200 messages each. */
const MOST_PAGES = 200

/** What a thread was told of the journal. */
export type Told = { readonly incident: string; readonly position: number; readonly hash: string }

const Ourselves = z.object({ bot_id: z.string().default(''), user_id: z.string() })

/**
 * Every checkpoint that Backout has posted into the threads of these channels since then. Reads only what it
 * wrote itself: anybody may post a text that looks like one. Throws a `Fault`.
 */
export async function checkpointsTold(options: {
  readonly botToken: string
  readonly apiUrl: string | undefined
  readonly channels: readonly string[]
  readonly sinceMs: number
}): Promise<readonly Told[]> {
  const { apiUrl, channels, sinceMs } = options
  const client = new WebClient(options.botToken, {
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    timeout: TIMEOUT_MS,
    logger: quietLogger({ info() {}, warn() {}, error() {} }),
  })
  const told: Told[] = []
  try {
    const us = client.auth.test().then((answer) => {
      const { bot_id: bot, user_id: botUser } = Ourselves.parse(answer)
      return { bot, botUser }
    })
    await us
    const isOurs = await ourselves(us)
    const ours = async (channel: string, thread: string | null): Promise<readonly Message[]> => {
      const found: Message[] = []
      for await (const page of messagesSince(client, { channel, thread }, sinceMs, MOST_PAGES)) {
        found.push(...page.filter(isOurs))
      }
      return found
    }
    for (const channel of channels) {
      // oxlint-disable-next-line no-await-in-loop -- one request at a time: Slack counts them
      for (const { ts, incident } of (await ours(channel, null)).flatMap(headlineOf)) {
        // oxlint-disable-next-line no-await-in-loop -- as above
        for (const { text } of await ours(channel, ts)) {
          const checkpoint = checkpointIn(text)
          if (checkpoint) told.push({ incident, ...checkpoint })
        }
      }
    }
    return told
  } catch (error) {
    throw slackFault(error)
  }
}

/** A message carries its key in its first block: `headline:i-1#….0`. */
function headlineOf({ ts, blocks }: Message) {
  const [, incident] = /^headline:([^#]+)#/.exec(blocks?.[0]?.block_id ?? '') ?? []
  return incident === undefined ? [] : [{ ts, incident }]
}
