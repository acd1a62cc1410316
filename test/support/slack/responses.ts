import { blocksProblem } from './block-rules.ts'
import type { Chat } from './chat.ts'
import { str, uniqueId } from './json.ts'
import type { Dict } from './json.ts'

const MAX_USES = 5
const LIFETIME_MS = 30 * 60_000

type ResponseTarget = {
  user: string
  channel: string
  messageTs?: string
  threadTs?: string
}

export type Responses = {
  mint: (target: ResponseTarget) => string
  /** What a POST to a response_url does: 5 times within 30 minutes, ephemeral unless told. */
  use: (id: string, body: Dict) => Promise<{ status: number; body: Dict }>
  /** The text or blocks of an acknowledgement. An empty one shows nothing. */
  show: (target: ResponseTarget, body: Dict, via: 'ack' | 'response_url') => Promise<Dict>
}

const refused = (status: number, error: string) => ({ status, body: { ok: false, error } })

export const createResponses = (chat: Chat, base: () => string): Responses => {
  const known = new Map<string, ResponseTarget & { uses: number; at: number }>()

  const show: Responses['show'] = (target, body, via) => {
    const thread = str(body['thread_ts'])
    const content = {
      channel: target.channel,
      text: body['text'],
      blocks: body['blocks'],
      ...(thread ? { thread_ts: thread } : {}),
    }
    if (body['response_type'] === 'in_channel') return chat.post(content)
    return chat.whisper({ ...content, user: target.user }, via)
  }

  return {
    show,
    mint: (target) => {
      const id = uniqueId('response-')
      known.set(id, { ...target, uses: 0, at: Date.now() })
      return `${base()}/response/${id}`
    },
    use: async (id, body) => {
      const target = known.get(id)
      if (!target || Date.now() - target.at > LIFETIME_MS) return refused(404, 'expired_url')
      target.uses += 1
      if (target.uses > MAX_USES) return refused(404, 'used_url')
      const problem = blocksProblem(body['blocks'])
      if (problem) return refused(400, problem.error)
      const { channel, messageTs } = target
      if (body['delete_original'] === true && messageTs) {
        await chat.remove(channel, messageTs)
      } else if (body['replace_original'] === true && messageTs) {
        await chat.update({ channel, ts: messageTs, text: body['text'], blocks: body['blocks'] })
      } else if (str(body['text']) === '' && !Array.isArray(body['blocks'])) {
        return refused(404, 'no_text')
      } else {
        await show(target, body, 'response_url')
      }
      return { status: 200, body: { ok: true } }
    },
  }
}
