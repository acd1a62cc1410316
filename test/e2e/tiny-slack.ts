// oxlint-disable unicorn/require-post-message-target-origin -- chat.postMessage is not the window's
import { WebClient } from '@slack/web-api'
import type { WebClientOptions } from '@slack/web-api'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import { dict, str } from '../support/slack/json.ts'
import { startSlack } from '../support/slack/slack.ts'
import type { Slack } from '../support/slack/slack.ts'
import { silent, startTinyBot } from '../support/slack/tiny-bot.ts'
import type { TinyBot } from '../support/slack/tiny-bot.ts'
import { until } from '../support/slack/waiting.ts'

/** The tests' own Slack with the smallest bot in it: what is shown here holds of the harness alone. */
export let slack: Slack
export let bot: TinyBot
export let web: WebClient

export const client = (options: WebClientOptions = {}, token = slack.workspace.app.botToken) =>
  new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    logger: silent,
    retryConfig: { retries: 0 },
    ...options,
  })

export const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: unknown) => str(dict(dict(error)['data'])['error']) || String(error),
  )

export const postCard = async (channel = INCIDENTS) => {
  const before = slack.calls('chat.postMessage').length
  await slack.as(ANA).command(channel, '/rollback card')
  const call = await until(
    () =>
      slack
        .calls('chat.postMessage')
        .slice(before)
        .find((posted) => posted.answered && posted.carriedOut),
    'the card',
  )
  return str(call.answered?.body['ts'])
}

export const authTest = () => refusal(web.auth.test())

export const heard = (what: string) => bot.heard.filter((entry) => entry.what === what)

/** Starts them for the tests of one file. */
export const withTinyBot = (): void => {
  beforeAll(async () => {
    slack = await startSlack()
    bot = await startTinyBot(slack)
    web = client()
    await slack.sockets.waitFor(1)
  })

  afterEach(async () => {
    slack.faults.clear()
    await slack.sockets.waitFor(1)
  })

  afterAll(async () => {
    await bot.stop()
    await slack.stop()
  })
}
