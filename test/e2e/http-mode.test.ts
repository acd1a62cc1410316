import { createHmac } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePort } from '../servers/spawn.ts'
import type { Bot } from '../support/bot.ts'
import { startConfiguredBot, startDemoSlack } from '../support/bot.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import type { Dict } from '../support/slack/json.ts'
import { blockActionsPayload, commandPayload, eventPayload } from '../support/slack/payloads.ts'
import { signedPost } from '../support/slack/signed-post.ts'
import type { SignedPostOptions } from '../support/slack/signed-post.ts'
import type { Slack } from '../support/slack/slack.ts'
import { findElement } from '../support/slack/elements.ts'
import { dicts } from '../support/slack/json.ts'
import { until } from '../support/slack/waiting.ts'
import { card, cards, words } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

const SETTINGS = `
environment: staging
slack:
  mode: http
  channels: [${INCIDENTS}]
services:
  - { name: backend, url: "\${BACKEND_URL}", health: /health, version: null }
deadlineSeconds: 1
`

let slack: Slack
let bot: Bot
let address: string
let secret: string

tellOnFailure(() => bot)

beforeAll(async () => {
  slack = await startDemoSlack()
  const { botToken, signingSecret } = slack.workspace.app
  secret = signingSecret
  const port = await freePort()
  address = `http://127.0.0.1:${port}/slack/events`
  bot = await startConfiguredBot({
    settings: SETTINGS,
    env: {
      SLACK_API_URL: slack.apiUrl,
      SLACK_BOT_TOKEN: botToken,
      SLACK_SIGNING_SECRET: signingSecret,
      SLACK_HTTP_PORT: String(port),
      // Nothing listens on port 1: production cannot be asked.
      BACKEND_URL: 'http://127.0.0.1:1',
    },
  })
})

afterAll(async () => {
  await bot.stop()
  await slack.stop()
})

const target = { user: ANA, channel: INCIDENTS }

const command = (text: string): string => {
  const payload = commandPayload(slack.workspace, {
    ...target,
    command: '/rollback',
    text,
    triggerId: slack.triggers.mint(ANA),
    responseUrl: slack.responses.mint(target),
  })
  return new URLSearchParams(
    Object.entries(payload).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
}

const send = (body: string, options: SignedPostOptions = {}) =>
  signedPost(address, secret, body, options)

const nowS = () => Math.floor(Date.now() / 1000)

const signedHeaders = (body: string): Record<string, string> => {
  const timestamp = String(nowS())
  const digest = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')
  return {
    'content-type': 'application/x-www-form-urlencoded',
    'content-length': String(body.length),
    'x-slack-request-timestamp': timestamp,
    'x-slack-signature': `v0=${digest}`,
  }
}

/** Sends the first byte only. Then the whole of it on another connection, or the rest. */
const half = async (body: string, headers: Record<string, string>) => {
  const sent = httpRequest(address, { method: 'POST', headers })
  const status = new Promise<number | undefined>((resolve, reject) => {
    sent.once('response', ({ statusCode }) => resolve(statusCode))
    sent.once('error', reject)
  })
  await new Promise<void>((resolve) => {
    sent.write(body.slice(0, 1), () => resolve())
  })
  return {
    whole: async () => (await fetch(address, { method: 'POST', body, headers })).status,
    finish: () => {
      sent.end(body.slice(1))
      return status
    },
  }
}

const answered = () => until(async () => (await cards(slack, 'assessment-card')).at(-1), 'a card')

describe('HTTP mode', () => {
  it('a signed command is acknowledged at once, and answered in the channel', async () => {
    const response = await send(command('assess'))
    expect([response.status, await response.text()]).toEqual([200, ''])
    const { incident } = await answered()
    const done = await card(slack, 'assessment-card', incident, /Check again/)
    expect(done.spoken).toMatch(/^staging: /)
    expect(done.reads).toMatch(/backend/)
  })

  it('a signed click works', async () => {
    const { incident } = await answered()
    const { ts, message } = await card(slack, 'assessment-card', incident, /Declare incident/)
    const payload = blockActionsPayload(slack.workspace, {
      ...target,
      message,
      action: findElement(dicts(message['blocks']), 'Declare incident'),
      triggerId: slack.triggers.mint(ANA),
      responseUrl: slack.responses.mint({ ...target, messageTs: ts }),
    })
    const body = new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
    expect((await send(body)).status).toBe(200)
    await card(slack, 'thread-card', incident, /<@U0ANA> declared the incident/)
  })

  it('a signed event works, and Slack’s question for the address is answered', async () => {
    const json = (body: Dict) => send(JSON.stringify(body), { contentType: 'application/json' })
    const asked = await json({ type: 'url_verification', challenge: 'c-1', token: 't' })
    expect(await asked.text()).toContain('c-1')
    const event = { type: 'app_home_opened', user: ANA, channel: 'D0ANA', tab: 'home' }
    expect((await json(eventPayload(slack.workspace, event))).status).toBe(200)
    const home = await slack.as(ANA).home((view) => words(view['blocks']).includes('staging'))
    expect(words(home['blocks'])).toMatch(/1 incident open/)
  })
})

describe('HTTP mode refuses', () => {
  const REFUSED: [string, SignedPostOptions][] = [
    ['a wrong signature', { badSignature: true }],
    ['a request of six minutes ago', { timestamp: nowS() - 360 }],
    ['a request of in two minutes', { timestamp: nowS() + 120 }],
    ['a request of the year 2200', { timestamp: 7_258_118_400 }],
  ]

  /** Not what the cards say: that of the incident declared above may still change. */
  const assessed = async () =>
    (await cards(slack, 'assessment-card')).map(({ incident }) => incident)

  it.each(REFUSED)('%s', async (_, options) => {
    const before = await assessed()
    const response = await send(command('assess'), options)
    expect([response.status, await response.text()]).toEqual([401, ''])
    expect(await assessed()).toEqual(before)
  })

  it('the same request once more', async () => {
    const body = command('ping')
    const timestamp = nowS()
    const toldBefore = slack.ephemerals(ANA).length
    expect((await send(body, { timestamp })).status).toBe(200)
    await until(() => slack.ephemerals(ANA).length > toldBefore, 'the answer')
    expect((await send(body, { timestamp })).status).toBe(401)
    expect((await send(body, { timestamp })).status).toBe(401)
    expect(slack.ephemerals(ANA)).toHaveLength(toldBefore + 1)
  })

  it('a replay of what was refused, signed rightly: it is new', async () => {
    const body = command('ping')
    const timestamp = nowS()
    expect((await send(body, { timestamp, badSignature: true })).status).toBe(401)
    expect((await send(body, { timestamp })).status).toBe(200)
  })

  it('no signature at all, and half of one', async () => {
    const plain = await fetch(address, { method: 'POST', body: command('assess') })
    expect(plain.status).toBe(401)
    const timestamp = String(nowS())
    const digest = createHmac('sha256', secret).update(`v0:${timestamp}:`).digest('hex')
    const other = await fetch(address, {
      method: 'POST',
      body: command('assess'),
      headers: { 'x-slack-request-timestamp': timestamp, 'x-slack-signature': `v0=${digest}` },
    })
    expect(other.status).toBe(401)
  })

  it('the rest of a request that came whole meanwhile', async () => {
    const body = command('ping')
    const headers = signedHeaders(body)
    const slow = await half(body, headers)
    expect(await slow.whole()).toBe(200)
    expect(await slow.finish()).toBe(401)
  })

  it('and logs no secret', () => {
    expect(bot.output()).toMatch(/refused/)
    expect(bot.output()).not.toContain(secret)
    expect(bot.output()).not.toContain(slack.workspace.app.botToken)
  })
})
