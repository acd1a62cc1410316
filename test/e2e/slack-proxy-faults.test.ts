// oxlint-disable unicorn/require-post-message-target-origin -- chat.postMessage is not the window's
import { describe, expect, it } from 'vitest'
import { ANA, APPROVERS, INCIDENTS, OTHER_TEAM, XENA } from '../support/slack/fixture.ts'
import { parseDict } from '../support/slack/json.ts'
import { startTinyBot } from '../support/slack/tiny-bot.ts'
import type { TinyBot } from '../support/slack/tiny-bot.ts'
import { until } from '../support/slack/waiting.ts'
import {
  authTest,
  bot,
  client,
  heard,
  postCard,
  refusal,
  slack,
  web,
  withTinyBot,
} from './tiny-slack.ts'

const shared = (replica: TinyBot) =>
  replica.heard.map(({ what }) => what).filter((what) => what.includes('share'))

withTinyBot()

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

  it('an outage that the bot has met more than once ends, and the bot is there again', async () => {
    const before = slack.outage.met()
    slack.outage.begin()
    expect(await refusal(web.auth.test())).toContain('request error')
    // The first one is ours.
    await until(() => slack.outage.met() > before + 2, 'the bot to try again', 10_000)
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
