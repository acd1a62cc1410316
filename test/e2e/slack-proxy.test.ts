// oxlint-disable unicorn/require-post-message-target-origin -- chat.postMessage is not the window's
import { WebClient } from '@slack/web-api'
import type { WebClientOptions } from '@slack/web-api'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  ANA,
  ANA_AGAIN,
  ANA_DM,
  APPROVERS,
  BO,
  BOT,
  BOTTY,
  CY,
  DEL,
  GUS,
  INCIDENTS,
  NOBOT,
  OTHER_TEAM,
  RANDOM,
  TEAM,
  XENA,
  pipeshub,
} from '../support/slack/fixture.ts'
import { blocksProblem } from '../support/slack/block-rules.ts'
import { dict, dicts, parseDict, str } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import { AT_THE_LIMIT, BEYOND_THE_LIMIT } from '../support/slack/limit-cases.ts'
import { startLocalSlack } from '../support/slack/local-slack.ts'
import { signedPost } from '../support/slack/signed-post.ts'
import { startSlack } from '../support/slack/slack.ts'
import type { Slack } from '../support/slack/slack.ts'
import { silent, startTinyBot } from '../support/slack/tiny-bot.ts'
import type { TinyBot } from '../support/slack/tiny-bot.ts'
import { until } from '../support/slack/waiting.ts'

let slack: Slack
let bot: TinyBot
let web: WebClient

const client = (options: WebClientOptions = {}, token = slack.workspace.app.botToken) =>
  new WebClient(token, {
    slackApiUrl: slack.apiUrl,
    logger: silent,
    retryConfig: { retries: 0 },
    ...options,
  })

const refusal = async (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'accepted',
    (error: unknown) => str(dict(dict(error)['data'])['error']) || String(error),
  )

const postCard = async (channel = INCIDENTS) => {
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

const isSubmissionOf = (user: string, payload: Dict) =>
  payload['type'] === 'view_submission' && dict(payload['user'])['id'] === user

const authTest = () => refusal(web.auth.test())

const shared = (replica: TinyBot) =>
  replica.heard.map(({ what }) => what).filter((what) => what.includes('share'))

const heard = (what: string) => bot.heard.filter((entry) => entry.what === what)

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

describe('what people do', () => {
  it('a command is acknowledged and a card appears', async () => {
    const delivery = await slack.as(ANA).command(INCIDENTS, '/rollback card')
    expect(delivery).toMatchObject({ acked: true, response: {} })
    const message = await slack
      .as(BO)
      .waitForMessage(INCIDENTS, (candidate) => str(candidate['text']) === 'Roll back? waiting')
    expect(dicts(message['blocks']).map((block) => block['block_id'])).toEqual(['state', 'decide'])
  })

  it('a click reaches the bot as the person who clicked, and a replaced button is gone', async () => {
    const ts = await postCard()
    const before = (await slack.as(BO).messages(INCIDENTS)).find((message) => message['ts'] === ts)
    const delivery = await slack.as(BO).click(INCIDENTS, ts, 'Approve')
    expect(delivery.envelope.payload).toMatchObject({
      type: 'block_actions',
      team: { id: TEAM },
      api_app_id: 'A0BACKOUT',
      user: { id: BO, team_id: TEAM },
      container: { type: 'message', message_ts: ts, channel_id: INCIDENTS },
      actions: [{ action_id: 'approve', block_id: 'decide', value: 'card-1' }],
    })
    await slack.as(CY).waitForMessage(INCIDENTS, ({ text }) => text === `Approved by ${BO}`)
    await expect(slack.as(CY).click(INCIDENTS, ts, 'Approve')).rejects.toThrow('nothing to click')
    await slack.as(CY).click(INCIDENTS, ts, 'Approve', before ? { seen: before } : {})
    expect(heard(`click:${CY}`)).toHaveLength(1)
  })

  it('a modal submits what it shows, keeps errors open, and enforces what is required', async () => {
    const ana = slack.as(ANA)
    await ana.command(INCIDENTS, '/rollback modal')
    expect(dict((await ana.modal())['title'])['text']).toBe('Declare incident')
    await expect(ana.submit()).rejects.toThrow('"Severity" is required')
    await expect(ana.submit({ severity: 'mild' })).rejects.toThrow('no option "mild"')
    const twoLines = await ana.submit({ Title: 'one\ntwo', severity: 'high' })
    expect(twoLines.errors).toEqual({ title: 'One line, please' })
    expect((await ana.submit({ severity: 'high' })).errors).toBeUndefined()
    await ana.waitForMessage(ANA_DM, ({ text }) => text === 'Declared: Errors after 4.2.0')
    await expect(ana.submit()).rejects.toThrow('no modal open')
  })

  it('ephemeral answers are seen by one person and kept in no history', async () => {
    await slack.as(ANA).command(RANDOM, '/rollback whisper')
    await slack.as(BO).command(RANDOM, '/rollback help')
    await web.chat.postEphemeral({ channel: RANDOM, user: CY, text: 'Psst' })
    const texts = (user: string) => slack.ephemerals(user).map(({ text, via }) => `${via}: ${text}`)
    await slack.as(ANA).waitForEphemeral(() => true)
    expect(texts(ANA)).toEqual(['response_url: Only for you'])
    expect(texts(BO)).toEqual(['ack: Say /rollback card'])
    expect(texts(CY)).toEqual(['chat.postEphemeral: Psst'])
    expect((await slack.as(BO).messages(RANDOM)).map(({ text }) => text)).toEqual([
      'Say /rollback card',
    ])
    expect((await web.conversations.history({ channel: RANDOM })).messages).toEqual([])
  })

  it('a message shortcut opens a modal; a mention is answered in its thread', async () => {
    const ana = slack.as(ANA)
    const said = await ana.say(INCIDENTS, 'checkout is down')
    await ana.shortcut('declare_incident', { channel: INCIDENTS, ts: str(said['ts']) })
    await ana.modal()
    await ana.closeModal()
    const mention = await slack.as(BO).mention(INCIDENTS, 'status', str(said['ts']))
    await slack
      .as(BO)
      .waitForMessage(INCIDENTS, (m) => m['text'] === 'Yes?' && m['thread_ts'] === said['ts'])
    const thread = await slack.as(CY).messages(INCIDENTS, { thread: str(said['ts']) })
    expect(thread.map(({ ts }) => ts)).toEqual([said['ts'], mention['ts'], expect.any(String)])
    expect(heard('shortcut:message_action')).toHaveLength(1)
  })

  it('the Home opens, and its buttons work', async () => {
    await slack.as(CY).openHome()
    await slack.as(CY).home()
    const { envelope } = await slack.as(CY).homeClick('Refresh')
    expect(envelope.payload).toMatchObject({ container: { type: 'view' }, view: { type: 'home' } })
    expect(envelope.payload).not.toHaveProperty('channel')
    await slack.as(CY).home((view) => JSON.stringify(view).includes('refreshed'))
  })
})

describe('what people do on the web page', () => {
  it('clicks arrive as Slack would send them', async () => {
    const ts = await postCard()
    await slack.upstream.control('interact', {
      channel: INCIDENTS,
      messageTs: ts,
      user: GUS,
      action: { type: 'button', action_id: 'approve', block_id: 'decide', value: 'card-1' },
    })
    const envelope = slack.envelopes('interactive').at(-1)
    expect(envelope?.acks).toHaveLength(1)
    expect(str(envelope?.payload['response_url'])).toContain(slack.url)
    expect(envelope?.payload).toMatchObject({ user: { id: GUS }, channel: { name: 'incidents' } })
  })

  it('a modal opens there, and an untouched draft is submitted as it is shown', async () => {
    const seen: string[] = []
    const page = new WebSocket(`${slack.pageUrl.replace('http', 'ws')}/ui`)
    page.addEventListener('message', ({ data }) => seen.push(String(data)))
    await until(() => seen.some((frame) => frame.includes('"init"')), 'the page')
    await slack.upstream.control('command', {
      channel: INCIDENTS,
      user: BO,
      command: '/rollback',
      text: 'modal',
    })
    await until(() => seen.some((frame) => frame.includes('"stack":[{')), 'the modal on the page')
    const option = { text: { type: 'plain_text', text: 'high' }, value: 'high' }
    const values = { severity: { pick: { type: 'static_select', selected_option: option } } }
    page.send(JSON.stringify({ t: 'view_submit', user: BO, values }))
    const sent = await until(
      () => slack.envelopes('interactive').find(({ payload }) => isSubmissionOf(BO, payload)),
      'the submission',
    )
    expect(dict(dict(sent.payload['view'])['state'])['values']).toEqual({
      title: { text: { type: 'plain_text_input', value: 'Errors after 4.2.0' } },
      severity: { pick: { type: 'static_select', selected_option: option } },
    })
    await until(() => seen.some((frame) => frame.includes('"stack":[]')), 'the modal to close')
    page.close()
  })
})

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
    await new Promise((resolve) => setTimeout(resolve, 5))
    const { ts = '' } = await web.chat.postMessage({ channel, text: 'four' })
    const since = await web.conversations.history({ channel, oldest: halfway })
    expect(since.messages?.map((message) => message.ts)).toEqual([ts])
  })
})

describe('what goes wrong', () => {
  it('a 429 delays the call by its Retry-After', async () => {
    const limit = slack.faults.add('chat.postMessage', { kind: 'rate-limited', retryAfterS: 1 })
    const started = Date.now()
    await postCard()
    expect(Date.now() - started).toBeGreaterThanOrEqual(1_000)
    expect(limit.hits()).toBe(1)
  })

  it('a lost reply leaves the message in Slack, and a retry doubles it', async () => {
    slack.faults.add('chat.postMessage', { kind: 'lost-reply' })
    await client({ retryConfig: { retries: 1, minTimeout: 10 } }).chat.postMessage({
      channel: INCIDENTS,
      text: 'said once',
    })
    const copies = (await slack.as(ANA).messages(INCIDENTS)).filter(
      (m) => m['text'] === 'said once',
    )
    expect(copies).toHaveLength(2)
    const [lost] = slack.calls('chat.postMessage').slice(-2)
    expect(lost).toMatchObject({ fault: 'lost-reply', carriedOut: true })
    expect(lost).not.toHaveProperty('answered')
  })

  it('503, platform errors, delays and refused connections', async () => {
    slack.faults.add('auth.test', { kind: 'http', status: 503 })
    expect(await authTest()).toContain('503')
    slack.faults.add('auth.*', { kind: 'platform', error: 'internal_error' })
    expect(await authTest()).toBe('internal_error')
    slack.faults.add('auth.test', { kind: 'refuse' })
    expect(await authTest()).toContain('request error')
    const started = Date.now()
    slack.faults.add('*', { kind: 'delay', ms: 150 })
    expect(await authTest()).toBe('accepted')
    expect(Date.now() - started).toBeGreaterThanOrEqual(145)
  })

  it('the bot comes back after a disconnect frame, and after its socket is killed', async () => {
    const [first] = slack.sockets.open()
    slack.sockets.disconnect('refresh_requested')
    expect(await slack.as(ANA).command(INCIDENTS, '/rollback x')).toMatchObject({
      acked: false,
      problem: 'dispatch_failed',
    })
    const [second] = await slack.sockets.waitFor(1)
    expect(second).not.toBe(first)
    slack.sockets.kill()
    await until(() => slack.sockets.open().length === 0, 'the socket to be gone')
    await slack.sockets.waitFor(1)
    expect(await slack.as(ANA).command(INCIDENTS, '/rollback x')).toMatchObject({ acked: true })
  })

  it('an envelope is delivered twice, or not at all', async () => {
    slack.sockets.duplicateNext({ sameEnvelope: true })
    const { envelope } = await slack.as(ANA).command(INCIDENTS, '/rollback twice')
    expect(heard('command:twice').map(({ envelopeId }) => envelopeId)).toEqual([
      envelope.id,
      envelope.id,
    ])
    slack.sockets.duplicateNext({ type: 'events_api' })
    await slack.as(ANA).mention(INCIDENTS, 'hello')
    const mentions = bot.heard.filter(({ what }) => what.endsWith('hello'))
    expect(mentions.map(({ retry }) => retry)).toEqual([undefined, 1])
    slack.sockets.dropNext()
    expect((await slack.as(ANA).command(INCIDENTS, '/rollback lost')).acked).toBe(false)
    expect(heard('command:lost')).toHaveLength(0)
  })

  it('an event nobody acknowledged comes again', async () => {
    slack.settings.eventRetriesMs = [10]
    slack.sockets.dropNext({ type: 'events_api' })
    await slack.as(ANA).mention(INCIDENTS, 'again')
    expect(bot.heard.at(-1)).toMatchObject({ what: expect.stringContaining('again'), retry: 1 })
    slack.settings.eventRetriesMs = []
    const changed = { type: 'subteam_members_changed', subteam_id: APPROVERS }
    expect((await slack.happens(changed)).acked).toBe(true)
  })

  it('two replicas share the work: each envelope goes to one', async () => {
    const other = await startTinyBot(slack)
    try {
      await slack.sockets.waitFor(2)
      for (const turn of ['a', 'b', 'c', 'd']) {
        await slack.as(ANA).command(INCIDENTS, `/rollback share-${turn}`)
      }
      expect(shared(bot)).toHaveLength(2)
      expect([...shared(bot), ...shared(other)].toSorted()).toEqual(
        ['a', 'b', 'c', 'd'].map((turn) => `command:share-${turn}`),
      )
      slack.sockets.route('all')
      await slack.as(ANA).command(INCIDENTS, '/rollback both')
      await until(
        () => other.heard.some(({ what }) => what === 'command:both'),
        'the other replica',
      )
      expect(heard('command:both')).toHaveLength(1)
    } finally {
      slack.sockets.route('one')
      await other.stop()
    }
  })

  it('an outage of three seconds ends, and the bot is there again', async () => {
    slack.outage.begin()
    expect(await refusal(web.auth.test())).toContain('request error')
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    expect(slack.sockets.open()).toEqual([])
    slack.outage.end()
    await slack.sockets.waitFor(1)
    expect(await slack.as(ANA).command(INCIDENTS, '/rollback back')).toMatchObject({ acked: true })
    expect(await refusal(web.auth.test())).toBe('accepted')
  })

  it('outages that answer 503, or nothing at all', async () => {
    slack.outage.begin('unavailable')
    expect(await authTest()).toContain('503')
    slack.outage.begin('silent')
    expect(await refusal(client({ timeout: 50 }).auth.test())).toContain('timeout')
    slack.outage.end()
    expect(await authTest()).toBe('accepted')
  })

  it('a forged payload goes out as it is, and people from elsewhere look it', async () => {
    const ts = await postCard()
    slack.settings.ackTimeoutMs = 100
    // The bot has nothing for this button: nobody acknowledges it, and Slack says so.
    const { envelope, problem } = await slack
      .as(XENA)
      .click(INCIDENTS, ts, 'deny', { enterpriseId: 'E0OTHER' })
    expect(problem).toBe('operation_timeout')
    expect(envelope.payload).toMatchObject({
      user: { team_id: OTHER_TEAM },
      enterprise: { id: 'E0OTHER' },
    })
    const forged = { ...envelope.payload, api_app_id: 'A0EVIL' }
    expect((await slack.as(XENA).forge(forged)).envelope.payload).toEqual(forged)
    slack.settings.ackTimeoutMs = 3_000
  })

  it('tells a socket that the app is rate limited', async () => {
    const { url = '' } = await client({}, slack.workspace.app.appToken).apps.connections.open({})
    const frames: string[] = []
    const socket = new WebSocket(url)
    socket.addEventListener('message', ({ data }) => frames.push(String(data)))
    const raw = (await slack.sockets.waitFor(2)).at(-1)
    // Only to this one: @slack/socket-mode 3.1.0 throws on it inside an unawaited promise.
    slack.sockets.appRateLimited(raw)
    await until(() => frames.length === 2, 'hello and the warning')
    expect(parseDict(frames[0] ?? '')).toMatchObject({ type: 'hello', num_connections: 2 })
    expect(parseDict(frames[1] ?? '')).toMatchObject({ payload: { type: 'app_rate_limited' } })
    socket.close()
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
