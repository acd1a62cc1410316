import type { Listening } from '../adapters/slack/intake.ts'
import { listen } from '../adapters/slack/listen.ts'
import { connectSlack } from '../adapters/slack/connect.ts'
import { slackConversations } from '../adapters/slack/conversations.ts'
import { slackPeople } from '../adapters/slack/people.ts'
import { replyAddresses } from '../adapters/slack/reply-addresses.ts'
import { inUtc } from '../chat/text/moments.ts'
import type { Config } from '../config/load-config.ts'
import { isRehearsal } from '../config/ready-to-run.ts'
import { refusalOf } from '../domain/incident/decide.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Environment } from './environments/environment.ts'
import { homeOpener } from './home.ts'

/** Slack, reached as the settings say, and what is asked of it and said in it. Not yet connected. */
export function slackOf(
  { environment: env, settings }: Config,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
) {
  const slack = connectSlack({
    botToken: env.SLACK_BOT_TOKEN ?? '',
    apiUrl: env.SLACK_API_URL ?? null,
    mode:
      settings.slack.mode === 'socket'
        ? { kind: 'socket', appToken: env.SLACK_APP_TOKEN ?? '' }
        : {
            kind: 'http',
            signingSecret: env.SLACK_SIGNING_SECRET ?? '',
            port: env.SLACK_HTTP_PORT,
          },
    log,
    now: clock.now,
  })
  const replies = replyAddresses(clock.now)
  const conversations = slackConversations({
    client: slack.messages,
    replies,
    newEditId: () => crypto.randomUUID().slice(0, 8),
    us: slack.identified,
    log,
  })
  const people = slackPeople(slack.questions, slack.identified)
  return { slack, replies, conversations, people, shownIn: shownBy(env) }
}

/** What is told of a moment: local-slack would show Slack's date format as it is written. */
function shownBy(env: Config['environment']): <Shown>(shown: Shown) => Shown {
  return isRehearsal(env) ? inUtc : (shown) => shown
}

/** A form has to be open three seconds after the click: a zone that comes later is not waited for. */
const ZONE_MS = 1_000

/** Whatever people type, press and submit: made durable, or answered, by whoever is reached from there. */
export function hearPeople(
  { slack, replies, conversations, people, shownIn }: ReturnType<typeof slackOf>,
  {
    now,
    log,
    at,
    home,
    enrolling,
    drill,
  }: {
    readonly now: () => number
    readonly log: Log
    readonly at: Listening['at']
    readonly home: Pick<Environment, 'engine' | 'served' | 'answering'>
    readonly enrolling: Listening['enrolling']
    readonly drill: Listening['drill']
  },
): void {
  const { whoIs } = home.engine
  const { questions: client } = slack
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
    enrolling,
    drill,
    openHome: homeOpener({ ...home.answering, client, now, log, whoIs, shownIn }),
  })
}
