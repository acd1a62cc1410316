import type { Listening } from '../adapters/slack/intake.ts'
import { listen } from '../adapters/slack/listen.ts'
import { refusalOf } from '../domain/incident/decide.ts'
import type { Log } from '../ports/log.ts'
import type { Environment } from './environments/environment.ts'
import { homeOpener } from './home.ts'
import type { reachSlack } from './reach-slack.ts'

/** A form has to be open three seconds after the click: a zone that comes later is not waited for. */
const ZONE_MS = 1_000

/** Whatever people type, press and submit: made durable, or answered, by whoever is reached from there. */
export function hearPeople(
  { slack, replies, conversations, people, shownIn }: ReturnType<typeof reachSlack>,
  {
    now,
    log,
    at,
    home,
    environments,
    drill,
  }: {
    readonly now: () => number
    readonly log: Log
    readonly at: Listening['at']
    readonly home: Pick<Environment, 'engine' | 'served'>
    /** All that the App Home shows. */
    readonly environments: readonly Pick<Environment, 'answering'>[]
    readonly drill: Listening['drill']
  },
): void {
  const { whoIs } = home.engine
  const { questions: client } = slack
  const shown = environments.map(({ answering }) => answering)
  listen({
    app: slack.app,
    client,
    conversations,
    replies,
    log,
    at,
    home: home.served,
    whoIs,
    zoneOf: async (user) => {
      const zone = people.zoneOf(user, AbortSignal.timeout(ZONE_MS))
      return (await zone.catch(() => null)) ?? 'UTC'
    },
    now,
    refusePerson: refusalOf,
    drill,
    openHome: homeOpener({ environments: shown, client, now, log, whoIs, shownIn }),
  })
}
