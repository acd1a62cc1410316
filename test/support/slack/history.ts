import { str, truthy } from './json.ts'
import type { Dict } from './json.ts'

const DEFAULT_LIMIT = 100

const encodeCursor = (offset: number): string => Buffer.from(`next:${offset}`).toString('base64')
const decodeCursor = (cursor: string): number =>
  Number(/^next:(\d+)$/.exec(Buffer.from(cursor, 'base64').toString())?.[1] ?? Number.NaN)

const isReply = (message: Dict): boolean =>
  str(message['thread_ts']) !== '' && message['thread_ts'] !== message['ts']

/** A root message tells about its thread, as Slack computes it on reading. */
const withThread = (message: Dict, all: Dict[]): Dict => {
  const replies = all.filter((other) => isReply(other) && other['thread_ts'] === message['ts'])
  const last = replies.at(-1)
  if (!last) return message
  const users = [...new Set(replies.map((reply) => str(reply['user'])))]
  return {
    ...message,
    thread_ts: message['ts'],
    reply_count: replies.length,
    reply_users: users,
    reply_users_count: users.length,
    latest_reply: last['ts'],
  }
}

/** When a message was really posted, in seconds; undefined when nobody saw it happen. */
type PostedAt = (message: Dict) => number | undefined

/**
 * A boundary is either a message's ts or a point in time. local-slack's ts has a counter where Slack
 * has microseconds, so a point in time within the same second needs the real time of the message.
 */
const inRange = (args: Dict, all: Dict[], postedAt: PostedAt) => {
  const inclusive = truthy(args['inclusive'])
  const compare = (message: Dict, boundary: unknown): number => {
    const exact = all.some((known) => known['ts'] === boundary)
    const at = exact ? undefined : postedAt(message)
    return (at ?? Number(message['ts'])) - Number(boundary)
  }
  const { oldest = '0', latest } = args
  return (message: Dict): boolean => {
    const after = compare(message, oldest)
    const before = latest === undefined ? -1 : compare(message, latest)
    return inclusive ? after >= 0 && before <= 0 : after > 0 && before < 0
  }
}

const page = (messages: Dict[], args: Dict): Dict => {
  const limit = Math.min(Number(args['limit'] ?? DEFAULT_LIMIT) || DEFAULT_LIMIT, 999)
  const cursor = str(args['cursor'])
  const offset = cursor === '' ? 0 : decodeCursor(cursor)
  if (Number.isNaN(offset)) return { ok: false, error: 'invalid_cursor' }
  const end = offset + limit
  const more = end < messages.length
  return {
    ok: true,
    messages: messages.slice(offset, end),
    has_more: more,
    response_metadata: { next_cursor: more ? encodeCursor(end) : '' },
  }
}

/** Nobody's history holds ephemeral messages: not even the recipient's. */
const persisted = (message: Dict): boolean => message['subtype'] !== 'ephemeral'

export const historyPage = (all: Dict[], args: Dict, postedAt: PostedAt): Dict => {
  const kept = all.filter(persisted)
  const roots = kept
    .filter((message) => !isReply(message))
    .map((message) => withThread(message, kept))
  return page(roots.filter(inRange(args, kept, postedAt)).toReversed(), args)
}

export const repliesPage = (all: Dict[], args: Dict, postedAt: PostedAt): Dict => {
  const kept = all.filter(persisted)
  const root = kept.find((message) => message['ts'] === args['ts'])
  if (!root) return { ok: false, error: 'thread_not_found' }
  const within = inRange(args, kept, postedAt)
  // The parent always leads, whatever the range says.
  const replies = kept.filter(
    (message) => isReply(message) && message['thread_ts'] === root['ts'] && within(message),
  )
  return page([withThread(root, kept), ...replies], args)
}
