import type { View } from '../../domain/base/view.ts'
import type { Conversations } from '../../ports/conversations.ts'

/** Whatever is said in a channel, said so that it shows what it belongs to. */
export type Marked = {
  view(view: View): View
  title(title: string): string
}

/** `markOf` says how a channel is marked; `null`: not at all. */
export function markedBy(
  markOf: (channel: string) => Marked | null,
  conversations: Conversations,
): Conversations {
  const shown = (channel: string, view: View) => markOf(channel)?.view(view) ?? view
  return {
    ...conversations,
    post: (place, view, key) => conversations.post(place, shown(place.channel, view), key),
    update: (message, view, key) =>
      conversations.update(message, shown(message.channel, view), key),
    tell: (user, place, view) => conversations.tell(user, place, shown(place.channel, view)),
    upload: (place, file, signal) => {
      const title = markOf(place.channel)?.title(file.title) ?? file.title
      return conversations.upload(place, { ...file, title }, signal)
    },
  }
}
