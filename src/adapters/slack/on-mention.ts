import { LRUCache } from 'lru-cache'
import type { Place } from '../../domain/incident/place.ts'
import { z } from 'zod'
import { badArguments } from '../../chat/reading/bad-arguments.ts'
import { COMMANDS } from '../../chat/reading/commands.ts'
import { parseCommand } from '../../chat/reading/parse-command.ts'
import type { View } from '../../domain/base/view.ts'
import { refused } from '../../domain/base/refusal.ts'
import type { Intake, Listening } from './intake.ts'

const Mention = z.object({
  user: z.string().optional(),
  bot_id: z.string().optional(),
  text: z.string().default(''),
  channel: z.string(),
  ts: z.string(),
  thread_ts: z.string().optional(),
})
/** An event is acknowledged by whoever delivers it. */
const ACKNOWLEDGED = async () => {}

/** How many deliveries are remembered: far more than Slack sends again within its few minutes. */
const MOST = 1_000

const Envelope = z.object({ event_id: z.string() })

/** `@Backout …`: the same as the command, and the only one that works inside a thread. */
export function onMention(deps: Listening, intake: Intake): void {
  const isNew = onceEach(MOST)
  deps.app.event('app_mention', async ({ event, body }) => {
    const { user, bot_id, text, channel, ts, thread_ts } = Mention.parse(event)
    if (!user || bot_id) return
    // What is made durable knows its deliveries; an answer in passing does not.
    const { event_id } = Envelope.parse(body)
    if (!isNew(event_id)) return
    const place: Place = { channel, thread: thread_ts ?? null }
    const said = text.replace(/<@[UW][A-Z0-9]+(\|[^>]*)?>/, '')
    const here = deps.at(channel)
    const parsed = parseCommand(said, 'reason' in here ? deps.home : here)
    if (parsed.kind === 'drill') return intake.drill({ by: user, place }, parsed.wish)
    if ('reason' in here) return intake.tell(user, place, here)
    const answerBelow = async (view: View) => {
      await deps.conversations.post({ channel, thread: thread_ts ?? ts }, view, `answer:${ts}`)
    }
    switch (parsed.kind) {
      case 'refused':
        return intake.tell(user, place, parsed)
      case 'assess':
      case 'plan':
      case 'roll-back':
      case 'resume':
      case 'undo':
      case 'abort':
      case 'watch':
      case 'take-lead':
      case 'write-report': {
        const delivery = `mention:${event_id}`
        const refusal = await intake.typed(parsed, { delivery, by: user, place })
        if (refusal) await intake.tell(user, place, refusal)
        return
      }
      case 'verify': {
        const asked = { delivery: `mention:${event_id}`, by: user, place }
        return intake.verify(asked, ACKNOWLEDGED, (view, where) =>
          where === 'incident' ? answerBelow(view) : deps.conversations.tell(user, place, view),
        )
      }
      // What answers it is a secret, for one person alone.
      case 'enrol':
      case 'start':
        return intake.tell(user, place, refused('form-needs-command'))
      case 'maintenance-form':
        return intake.tell(user, place, badArguments(COMMANDS.maintenance.usage, 'On or off?'))
      default:
        return intake.answer({ by: user, place }, parsed, answerBelow)
    }
  })
}

/** Says of each id once that it is new. Forgets the oldest ones. */
function onceEach(most: number): (id: string) => boolean {
  const seen = new LRUCache<string, true>({ max: most })
  return (id) => {
    if (seen.has(id)) return false
    seen.set(id, true)
    return true
  }
}
