import { historyPage, repliesPage } from './history.ts'
import { dict, dicts, isDict, str, truthy, uniqueId } from './json.ts'
import type { Dict } from './json.ts'
import type { Upstream } from './upstream.ts'

export type Ephemeral = {
  user: string
  channel: string
  ts: string
  text: string
  blocks: Dict[]
  threadTs?: string
  via: 'chat.postEphemeral' | 'response_url' | 'ack'
}

/** Messages live in local-slack, so that its web page shows them; this adds what it forgets. */
export type Chat = {
  all: (channel: string) => Promise<Dict[]>
  find: (channel: string, ts: string) => Promise<Dict | undefined>
  post: (args: Dict) => Promise<Dict>
  update: (args: Dict) => Promise<Dict>
  remove: (channel: string, ts: string) => Promise<Dict>
  whisper: (args: Dict, via: Ephemeral['via']) => Promise<Dict>
  /** What this person alone can see now, oldest first. */
  ephemerals: (user: string) => Ephemeral[]
  ephemeralAt: (channel: string, ts: string) => Ephemeral | undefined
  history: (args: Dict) => Promise<Dict>
  replies: (args: Dict) => Promise<Dict>
}

const withActionId = (element: unknown): unknown =>
  isDict(element) && element['type'] !== 'mrkdwn' && element['type'] !== 'plain_text'
    ? { action_id: uniqueId('').slice(-5), ...element }
    : element

/** Slack names what the bot left unnamed, and never touches a name that the bot gave. */
export const withIds = (blocks: unknown): Dict[] =>
  dicts(blocks).map((block) => {
    const named = { block_id: uniqueId('').slice(-5), ...block }
    if (block['type'] === 'actions') {
      return { ...named, elements: dicts(block['elements']).map(withActionId) }
    }
    if (isDict(block['accessory']) && block['accessory']['type'] !== 'image') {
      return { ...named, accessory: withActionId(block['accessory']) }
    }
    return isDict(block['element']) ? { ...named, element: withActionId(block['element']) } : named
  })

const named = (args: Dict): Dict =>
  Array.isArray(args['blocks']) ? { ...args, blocks: withIds(args['blocks']) } : args

export const createChat = (upstream: Upstream): Chat => {
  const metadata = new Map<string, Dict>()
  const times = new Map<string, number>()
  const whispers: Ephemeral[] = []

  const remember = (channel: string, ts: string, args: Dict) => {
    const key = `${channel}:${ts}`
    if (!isDict(args['metadata'])) return
    if (Object.keys(args['metadata']).length === 0) metadata.delete(key)
    else metadata.set(key, args['metadata'])
  }
  const enriched = async (args: Dict): Promise<Dict[]> => {
    const channel = str(args['channel'])
    const all = await upstream.messages(channel)
    if (!truthy(args['include_all_metadata'])) return all
    return all.map((message) => {
      const known = metadata.get(`${channel}:${str(message['ts'])}`)
      return known ? { ...message, metadata: known } : message
    })
  }
  const postedAt = (message: Dict) => times.get(str(message['ts']))
  const ephemeralAt = (channel: string, ts: string) =>
    whispers.find((whisper) => whisper.channel === channel && whisper.ts === ts)

  return {
    all: (channel) => upstream.messages(channel),
    find: async (channel, ts) =>
      (await upstream.messages(channel)).find((message) => message['ts'] === ts),
    post: async (args) => {
      const at = Date.now() / 1000
      const answer = await upstream.api('chat.postMessage', named(args))
      times.set(str(answer['ts']), at)
      remember(str(answer['channel']), str(answer['ts']), args)
      return answer
    },
    update: async (args) => {
      const channel = str(args['channel'])
      const ts = str(args['ts'])
      const answer = await upstream.api('chat.update', named(args))
      const whisper = ephemeralAt(channel, ts)
      if (whisper) {
        whisper.text = str(args['text'])
        whisper.blocks = dicts(dict(answer['message'])['blocks'])
      }
      remember(channel, ts, args)
      return answer
    },
    remove: (channel, ts) => {
      const index = whispers.findIndex((item) => item.channel === channel && item.ts === ts)
      if (index !== -1) whispers.splice(index, 1)
      return upstream.api('chat.delete', { channel, ts })
    },
    whisper: async (args, via) => {
      const full = named(args)
      const answer = await upstream.api('chat.postEphemeral', full)
      const thread = str(full['thread_ts'])
      whispers.push({
        user: str(full['user']),
        channel: str(full['channel']),
        ts: str(answer['message_ts']),
        text: str(full['text']),
        blocks: dicts(full['blocks']),
        ...(thread ? { threadTs: thread } : {}),
        via,
      })
      return answer
    },
    ephemerals: (user) => whispers.filter((whisper) => whisper.user === user),
    ephemeralAt,
    history: async (args) => historyPage(await enriched(args), args, postedAt),
    replies: async (args) => repliesPage(await enriched(args), args, postedAt),
  }
}
