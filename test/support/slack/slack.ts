import { directory } from './directory.ts'
import type { Directory } from './directory.ts'
import type { Delivery } from './envelopes.ts'
import { pipeshub } from './fixture.ts'
import type { Workspace } from './fixture.ts'
import { slackTime, str } from './json.ts'
import type { Dict } from './json.ts'
import { startLocalSlack } from './local-slack.ts'
import { eventPayload } from './payloads.ts'
import { people } from './people.ts'
import type { Person } from './people.ts'
import { startSlackProxy } from './proxy.ts'
import type { ProxySettings, SlackProxy } from './proxy.ts'

/** A whole Slack for one test: local-slack, the proxy before it, and its people. */
export type Slack = SlackProxy &
  Directory & {
    /** local-slack's web page, for a browser. */
    pageUrl: string
    as: (user: string) => Person
    /** Something that happened in the workspace: `subteam_members_changed`, `user_change`. */
    happens: (event: Dict) => Promise<Delivery>
  }

export const startSlack = async (
  workspace: Workspace = pipeshub(),
  settings: Partial<ProxySettings> = {},
): Promise<Slack> => {
  const local = await startLocalSlack(workspace)
  try {
    const proxy = await startSlackProxy(local.url, workspace, settings)
    const stop = async () => {
      await proxy.stop()
      await local.stop()
    }
    const happens = (event: Dict) => {
      const type = str(event['type'])
      if (!workspace.events.includes(type)) throw new Error(`the app does not subscribe to ${type}`)
      const stamped = { event_ts: slackTime(), ...event }
      return proxy.sockets.deliver({
        type: 'events_api',
        payload: eventPayload(workspace, stamped),
      })
    }
    return {
      ...proxy,
      ...directory(workspace),
      happens,
      ...people(proxy),
      pageUrl: local.url,
      stop,
    }
  } catch (error) {
    await local.stop()
    throw error
  }
}
