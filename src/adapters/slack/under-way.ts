import type { SocketModeReceiver } from '@slack/bolt'
import { z } from 'zod'

/** After this Slack has told the person that it failed. */
const SLACK_WAITS_MS = 3_000

const Arrived = z.object({ envelope_id: z.string() })

/** What Slack has sent over the socket and waits for the acknowledgement of. */
export type UnderWay = {
  /** Resolves when there is nothing of it, and at the latest when Slack has given up what is there now. */
  over(): Promise<void>
}

/** A socket that is being closed takes no acknowledgement: what was made durable would look failed. */
export function underWay({ client }: Pick<SocketModeReceiver, 'client'>): UnderWay {
  const open = new Map<string, NodeJS.Timeout>()
  let resolve: (() => void) | null = null

  client.on('slack_event', (event: unknown) => {
    const { data } = Arrived.safeParse(event)
    if (!data) return
    clearTimeout(open.get(data.envelope_id))
    open.set(data.envelope_id, setTimeout(end, SLACK_WAITS_MS, data.envelope_id).unref())
  })
  client.on('outgoing_message', (message: unknown) => {
    const { data } = Arrived.safeParse(message)
    if (data) end(data.envelope_id)
  })

  function end(envelope: string): void {
    clearTimeout(open.get(envelope))
    open.delete(envelope)
    if (open.size === 0) resolve?.()
  }

  return {
    async over() {
      if (open.size === 0) return
      const { promise, resolve: ends } = Promise.withResolvers<void>()
      resolve = ends
      const timer = setTimeout(ends, SLACK_WAITS_MS)
      await promise
      clearTimeout(timer)
    },
  }
}
