import type { Place } from '../../src/domain/incident/place.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { View } from '../../src/domain/base/view.ts'
import type { Conversations, SharedFile } from '../../src/ports/conversations.ts'

type KeptMessage = {
  readonly channel: string
  readonly thread: string | null
  readonly ts: string
  readonly key: string
  view: View
}

/** A Slack that keeps what it was told, and nothing else. */
export function memorySlack() {
  const messages: KeptMessage[] = []
  const files: (SharedFile & Place & { readonly id: string })[] = []
  const told: { user: string; view: View }[] = []
  let next = 1
  const conversations: Conversations = {
    async post(place: Place, view, key) {
      const ts = `${next++}.0`
      messages.push({ ...place, ts, key, view })
      return { ts }
    },
    async update({ channel, ts }, view) {
      const message = messages.find((one) => one.channel === channel && one.ts === ts)
      if (!message) {
        const detail = 'no such message'
        throw new Fault({
          kind: 'terminal',
          dependency: 'slack',
          code: 'message_not_found',
          detail,
        })
      }
      message.view = view
    },
    async find({ channel, thread }, key) {
      const found = messages.find((one) => {
        return one.channel === channel && one.thread === thread && one.key === key
      })
      return found ? { ts: found.ts } : null
    },
    async linkTo({ channel, ts }) {
      return `https://slack.test/archives/${channel}/p${ts}`
    },
    async upload(place, file) {
      const id = `F${next++}`
      files.push({ ...place, ...file, id })
      return { file: id }
    },
    async findFile({ channel, thread }, name) {
      const found = files.find((one) => {
        return one.channel === channel && one.thread === thread && one.name === name
      })
      return found ? { file: found.id } : null
    },
    async tell(user, _place, view) {
      told.push({ user, view })
    },
  }
  return { conversations, messages, files, told }
}
