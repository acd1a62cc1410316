import type { WebClient } from '@slack/web-api'
import { z } from 'zod'
import { careful, ok, wrong, type Check } from '../../domain/base/doctor-check.ts'
import type { Fault } from '../../domain/base/fault.ts'
import { askingClient } from './asking-client.ts'
import { slackFault } from './faults.ts'
import { whatToDo } from './what-to-do.ts'

const TIMEOUT_MS = 5_000
const Scoped = z.object({
  team: z.string().default('a workspace'),
  user: z.string().default('the bot'),
  response_metadata: z.object({ scopes: z.array(z.string()).optional() }).optional(),
})
const Channel = z.object({
  channel: z.object({
    name: z.string().default(''),
    is_member: z.boolean().optional(),
    is_archived: z.boolean().optional(),
    is_ext_shared: z.boolean().optional(),
  }),
})

/** Tokens, scopes against the manifest, and membership of every configured channel. */
export async function checkSlack(options: {
  readonly botToken: string | undefined
  readonly appToken: string | undefined
  readonly mode: 'socket' | 'http'
  readonly apiUrl: string | undefined
  readonly scopes: readonly string[]
  readonly channels: readonly string[]
}): Promise<readonly Check[]> {
  const { apiUrl } = options
  const client = (token: string) => askingClient(token, { apiUrl, timeoutMs: TIMEOUT_MS })
  const checks: Promise<readonly Check[]>[] = []
  if (options.botToken) {
    const bot = client(options.botToken)
    checks.push(checkBotToken(bot, options.scopes))
    checks.push(...options.channels.map((channel) => checkChannel(bot, channel)))
  } else {
    checks.push(missing('SLACK_BOT_TOKEN'))
  }
  if (options.mode === 'socket') {
    checks.push(
      options.appToken ? checkAppToken(client(options.appToken)) : missing('SLACK_APP_TOKEN'),
    )
  }
  return (await Promise.all(checks)).flat()
}

async function missing(name: string): Promise<readonly Check[]> {
  return [wrong('slack', name, 'not set', `set ${name} in the environment`)]
}

async function checkBotToken(bot: WebClient, wanted: readonly string[]): Promise<readonly Check[]> {
  const tried = 'auth.test'
  try {
    const { team, user, response_metadata } = Scoped.parse(await bot.auth.test())
    const has = response_metadata?.scopes
    const identity = ok('slack', tried, `the bot token is ${user}'s in ${team}`)
    if (!has) {
      const todo = 'compare the app’s scopes with manifests/slack-app.yaml'
      return [
        identity,
        careful('slack', 'scopes', 'Slack did not say which scopes there are', todo),
      ]
    }
    const lacking = wanted.filter((scope) => !has.includes(scope))
    const more = has.filter((scope) => !wanted.includes(scope))
    return [
      identity,
      lacking.length > 0
        ? wrong(
            'slack',
            'scopes',
            `missing: ${lacking.join(', ')}`,
            'add them and install the app again',
          )
        : more.length > 0
          ? careful('slack', 'scopes', `more than needed: ${more.join(', ')}`, 'take them away')
          : ok('slack', 'scopes', `exactly the ${wanted.length} needed`),
    ]
  } catch (error) {
    return [refusedBy(tried, slackFault(error))]
  }
}

async function checkAppToken(app: WebClient): Promise<readonly Check[]> {
  const tried = 'apps.connections.open'
  try {
    await app.apps.connections.open({})
    return [ok('slack', tried, 'a socket may be opened')]
  } catch (error) {
    return [refusedBy(tried, slackFault(error))]
  }
}

async function checkChannel(bot: WebClient, id: string): Promise<readonly Check[]> {
  const tried = `channel ${id}`
  try {
    const { channel } = Channel.parse(await bot.conversations.info({ channel: id }))
    const name = `#${channel.name}`
    if (channel.is_archived)
      return [wrong('slack', tried, `${name} is archived`, 'choose another channel')]
    if (channel.is_member === false) {
      return [
        wrong('slack', tried, `Backout is not in ${name}`, `type /invite @Backout in ${name}`),
      ]
    }
    if (channel.is_member !== true) {
      const todo = `type /invite @Backout in ${name} if it is not`
      return [careful('slack', tried, `${name}; Slack did not say whether Backout is in it`, todo)]
    }
    if (channel.is_ext_shared) {
      const todo = 'use a channel that only your own workspace sees'
      return [careful('slack', tried, `${name} is shared with another company`, todo)]
    }
    return [ok('slack', tried, `${name}, and Backout is in it`)]
  } catch (error) {
    return [refusedBy(tried, slackFault(error))]
  }
}

function refusedBy(tried: string, fault: Fault): Check {
  const { detail, code } = fault
  const token = tried === 'apps.connections.open' ? 'SLACK_APP_TOKEN' : 'SLACK_BOT_TOKEN'
  const todo =
    code === 'channel_not_found'
      ? 'check the id in backout.yaml, and invite Backout to the channel'
      : whatToDo(fault, token)
  return wrong('slack', tried, detail, todo)
}
