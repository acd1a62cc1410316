import type { App } from '@slack/bolt'
import { z } from 'zod'
import { jsonOf } from '../../domain/base/json-of.ts'

/** Where in what Slack delivers a channel may stand: of a command, a press or shortcut, a message, a form. */
const Delivered = z.object({
  channel_id: z.unknown().optional(),
  channel: z.object({ id: z.unknown().optional() }).nullish().catch(null),
  container: z.object({ channel_id: z.unknown().optional() }).nullish().catch(null),
  event: z.object({ channel: z.unknown().optional() }).nullish().catch(null),
  view: z.object({ private_metadata: z.string() }).nullish().catch(null),
})

/** Whether all that it names as its channel is this one. A form says so in what it was given when it was opened. */
export function isFrom(channel: string, body: unknown): boolean {
  const { data } = Delivered.safeParse(body)
  if (!data) return false
  const { channel_id, channel: pressed, container, event, view } = data
  const named = [channel_id, pressed?.id, container?.channel_id, event?.channel]
  const found = [...named, ...channelsIn(jsonOf(view?.private_metadata ?? ''))]
  const known = found.filter((one) => one !== undefined && one !== null)
  return known.length > 0 && known.every((one) => one === channel)
}

function channelsIn(value: unknown): readonly unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, one]) =>
    name === 'channel' ? [one] : channelsIn(one),
  )
}

/**
 * Gives what comes from this channel to another process, unless it is for this one. It is acknowledged once it was given;
 * what could not be given Slack says has failed.
 */
export function handOn(
  app: App,
  {
    channel,
    isHere,
    give,
  }: {
    readonly channel: string
    readonly isHere: () => boolean
    readonly give: (text: string) => Promise<void>
  },
): void {
  app.use(async (args) => {
    if (isHere() || !isFrom(channel, args.body)) return args.next()
    await give(JSON.stringify(args.body))
    const ack: unknown = Reflect.get(args, 'ack')
    if (typeof ack === 'function') await ack()
  })
}

/**
 * As if Slack had delivered it here. Whoever pressed was acknowledged before. Throws where it is not from this channel:
 * nothing else is heard that did not come from Slack itself.
 */
export async function deliver(app: App, channel: string, text: string): Promise<void> {
  const body = z.record(z.string(), z.unknown()).parse(jsonOf(text))
  if (!isFrom(channel, body)) throw new Error(`it is not from ${channel}`)
  await app.processEvent({ body, ack: async () => {} })
}
