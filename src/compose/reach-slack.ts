import { connectSlack } from '../adapters/slack/connect.ts'
import { slackConversations } from '../adapters/slack/conversations.ts'
import { slackPeople } from '../adapters/slack/people.ts'
import { replyAddresses } from '../adapters/slack/reply-addresses.ts'
import { inUtc } from '../chat/text/moments.ts'
import type { Config } from '../config/load-config.ts'
import { isRehearsal } from '../config/ready-to-run.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'

/** Slack as the settings say, and what is asked of it and said in it. Not yet connected. */
export function reachSlack(
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
