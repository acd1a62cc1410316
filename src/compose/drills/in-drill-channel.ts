import { asDrill, DRILL_MARK } from '../../chat/parts/drill-mark.ts'
import { Fault } from '../../domain/base/fault.ts'
import type { Conversations } from '../../ports/conversations.ts'
import { markedBy } from '../environments/marked.ts'

/** Whatever is said in the channel of the drills is marked as one, whoever says it. */
export function markedIn(drills: string, conversations: Conversations): Conversations {
  const mark = { view: asDrill, title: (title: string) => `${DRILL_MARK}: ${title}` }
  return markedBy((channel) => (channel === drills ? mark : null), conversations)
}

/** A drill speaks in its channel, and nowhere else: everything that would go elsewhere throws. */
export function onlyIn(channel: string, conversations: Conversations): Conversations {
  const held = async <Result>(to: string, send: () => Promise<Result>): Promise<Result> => {
    if (to === channel) return send()
    const detail = 'a drill speaks in the channel of the drills alone'
    throw new Fault({ kind: 'terminal', dependency: 'slack', code: 'not_in_channel', detail })
  }
  return {
    post: (place, view, key) => held(place.channel, () => conversations.post(place, view, key)),
    update: (message, view, key) =>
      held(message.channel, () => conversations.update(message, view, key)),
    find: (place, key, sinceMs) =>
      held(place.channel, () => conversations.find(place, key, sinceMs)),
    tell: (user, place, view) => held(place.channel, () => conversations.tell(user, place, view)),
    upload: (place, file, signal) =>
      held(place.channel, () => conversations.upload(place, file, signal)),
    findFile: (place, name, sinceMs, signal) =>
      held(place.channel, () => conversations.findFile(place, name, sinceMs, signal)),
    linkTo: async (message) => (message.channel === channel ? conversations.linkTo(message) : null),
  }
}
