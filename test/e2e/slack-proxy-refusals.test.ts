// oxlint-disable unicorn/require-post-message-target-origin -- chat.postMessage is not the window's
import { createServer } from 'node:http'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { blocksProblem } from '../support/slack/block-rules.ts'
import {
  ANA,
  ANA_AGAIN,
  ANA_DM,
  APPROVERS,
  BO,
  BOT,
  BOTTY,
  DEL,
  GUS,
  INCIDENTS,
  NOBOT,
  OTHER_TEAM,
  XENA,
  pipeshub,
} from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import { AT_THE_LIMIT, BEYOND_THE_LIMIT } from '../support/slack/limit-cases.ts'
import { startLocalSlack } from '../support/slack/local-slack.ts'
import { signedPost } from '../support/slack/signed-post.ts'
import { until } from '../support/slack/waiting.ts'
import { client, refusal, slack, web, withTinyBot } from './tiny-slack.ts'

const section = (text: string, block_id?: string) => ({
  type: 'section' as const,
  text: { type: 'mrkdwn' as const, text },
  ...(block_id ? { block_id } : {}),
})

const many = (count: number, text = 'x') => Array.from({ length: count }, () => section(text))

const modal = (title: string) => ({
  type: 'modal' as const,
  title: { type: 'plain_text' as const, text: title },
  blocks: many(1),
})

const post = (blocks: ReturnType<typeof section>[], text = 'text', channel = INCIDENTS) =>
  refusal(web.chat.postMessage({ channel, text, blocks }))

const openModal = (trigger_id: string, title = 'Title') =>
  refusal(web.views.open({ trigger_id, view: modal(title) }))

withTinyBot()

describe('what Slack refuses', () => {
  it('messages that are too big, too long, empty or ill-formed', async () => {
    expect(await post(many(50))).toBe('accepted')
    expect(await post(many(51))).toBe('invalid_blocks')
    expect(await post([section('x'.repeat(3001))])).toBe('invalid_blocks')
    expect(await post([section('a', 'same'), section('b', 'same')])).toBe('invalid_blocks')
    expect(await post(many(5, 'x'.repeat(2700)))).toBe('msg_blocks_too_long')
    expect(await post([], '')).toBe('no_text')
    expect(await post([section('')])).toBe('invalid_blocks')
    const { ts = '' } = await web.chat.postMessage({ channel: INCIDENTS, text: 'long' })
    const update = (text: string) => refusal(web.chat.update({ channel: INCIDENTS, ts, text }))
    expect(await update('x'.repeat(4000))).toBe('accepted')
    expect(await update('x'.repeat(4001))).toBe('msg_too_long')
  })

  it('channels, tokens, scopes and other people’s messages', async () => {
    expect(await post([], 'hello', NOBOT)).toBe('not_in_channel')
    expect(await post([], 'hello', 'C0NOWHERE')).toBe('channel_not_found')
    const { botToken, appToken } = slack.workspace.app
    const open = (token: string) => refusal(client({}, token).apps.connections.open({}))
    expect(await open(botToken)).toBe('not_allowed_token_type')
    expect(await refusal(client({}, appToken).auth.test())).toBe('not_allowed_token_type')
    expect(await refusal(client({}, 'xoxb-wrong').auth.test())).toBe('invalid_auth')
    const said = await slack.as(ANA).say(INCIDENTS, 'mine')
    const update = web.chat.update({ channel: INCIDENTS, ts: str(said['ts']), text: 'yours' })
    expect(await refusal(update)).toBe('cant_update_message')
    expect(await refusal(web.pins.add({ channel: INCIDENTS, timestamp: '1.2' }))).toBe(
      'missing_scope',
    )
    const { response_metadata } = await web.auth.test()
    expect(response_metadata?.scopes).toEqual(slack.workspace.scopes)
  })

  it('every element beyond its limit', () => {
    for (const block of AT_THE_LIMIT) expect(blocksProblem([block])).toBeUndefined()
    for (const block of BEYOND_THE_LIMIT) {
      expect(blocksProblem([block])?.error, JSON.stringify(block)).toBe('invalid_blocks')
    }
  })

  it('triggers that were used or are old, and modals that are too wide', async () => {
    const trigger = slack.triggers.mint(BO)
    expect(await openModal(trigger, 'x'.repeat(25))).toBe('invalid_arguments')
    expect(await openModal(trigger)).toBe('accepted')
    expect(await openModal(trigger)).toBe('exchanged_trigger_id')
    const stale = slack.triggers.mint(BO)
    slack.settings.triggerLifetimeMs = -1
    expect(await openModal(stale)).toBe('expired_trigger_id')
    slack.settings.triggerLifetimeMs = 3_000
    await slack.as(BO).closeModal()
  })
})

describe('what Slack knows', () => {
  it('who is a guest, a stranger, gone, or in the group', async () => {
    const user = async (id: string) => (await web.users.info({ user: id })).user
    expect(await user(GUS)).toMatchObject({ is_restricted: true, deleted: false })
    expect(await user(XENA)).toMatchObject({ is_stranger: true, team_id: OTHER_TEAM })
    expect(await user(DEL)).toMatchObject({ deleted: true })
    expect(await user(BOTTY)).toMatchObject({ is_bot: true })
    expect((await user(ANA_AGAIN))?.profile?.email).toBe('Ana@PipesHub.example')
    expect((await web.auth.test()).user_id).toBe(BOT)
    const approvers = await web.usergroups.users.list({ usergroup: APPROVERS })
    expect(approvers.users).toEqual([ANA, BO])
    const { channel } = await web.conversations.info({ channel: NOBOT })
    expect(channel).toMatchObject({ is_member: false, is_ext_shared: false })
  })

  it('a file, into a thread', async () => {
    const said = await slack.as(ANA).say(INCIDENTS, 'report, please')
    const thread_ts = str(said['ts'])
    await web.filesUploadV2({
      channel_id: INCIDENTS,
      thread_ts,
      filename: 'report.md',
      content: '# Report',
    })
    const thread = await slack.as(BO).messages(INCIDENTS, { thread: thread_ts })
    expect(dicts(thread.at(-1)?.['files'])[0]).toMatchObject({ name: 'report.md', size: 8 })
  })

  it('history by pages, ranges and metadata', async () => {
    const channel = ANA_DM
    const metadata = { event_type: 'card', event_payload: { key: 'k1' } }
    const sent: string[] = []
    for (const text of ['one', 'two', 'three']) {
      const { ts = '' } = await web.chat.postMessage({ channel, text, metadata })
      sent.push(ts)
    }
    const [one = '', two = '', three = ''] = sent
    const page = await web.conversations.history({
      channel,
      limit: 2,
      oldest: one,
      inclusive: true,
    })
    expect(page.messages?.map(({ ts }) => ts)).toEqual([three, two])
    const cursor = page.response_metadata?.next_cursor ?? ''
    const rest = await web.conversations.history({
      channel,
      limit: 2,
      oldest: one,
      inclusive: true,
      cursor,
      include_all_metadata: true,
    })
    expect(rest).toMatchObject({ has_more: false, messages: [{ ts: one, metadata }] })
    const halfway = String(Date.now() / 1000)
    await until(() => Date.now() / 1000 > Number(halfway), 'the clock to go on')
    const { ts = '' } = await web.chat.postMessage({ channel, text: 'four' })
    const since = await web.conversations.history({ channel, oldest: halfway })
    expect(since.messages?.map((message) => message.ts)).toEqual([ts])
  })
})

it('signs requests of HTTP mode', async () => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(String(request.headers['x-slack-signature']))
    response.end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
  await signedPost(url, 'secret', 'a=1', { timestamp: 1_700_000_000 })
  await signedPost(url, 'secret', 'a=1', { timestamp: 1_700_000_000, badSignature: true })
  server.close()
  // openssl: printf 'v0:1700000000:a=1' | openssl dgst -sha256 -hmac secret
  expect(seen[0]).toBe('v0=05eea7473e5156c8cfc819afa757db5fd5eaf52b70aa1b11c5b79b29b3c7bd65')
  expect(seen[1]).not.toBe(seen[0])
})

it('leaves no process behind', async () => {
  const local = await startLocalSlack(pipeshub())
  process.kill(local.pid, 0)
  await local.stop()
  expect(() => process.kill(local.pid, 0)).toThrow('ESRCH')
})
