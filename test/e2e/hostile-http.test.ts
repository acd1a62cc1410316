import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '../servers/spawn.ts'
import type { Bot } from '../support/bot.ts'
import { dataFolder, shippedSettings, startDemoSlack, startSimulatedBot } from '../support/bot.ts'
import { BO, INCIDENTS } from '../support/slack/fixture.ts'
import { commandPayload } from '../support/slack/payloads.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { FORGERIES, NONSENSE, honest, sendRaw } from './hostile-requests.ts'
import { countOf, journaled, newestIncident } from './journaled.ts'
import { card, cards } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

const SETTINGS = shippedSettings({ 'mode: socket': 'mode: http' })

const data = dataFolder()
let slack: Slack
let bot: Bot
let address: string
let port: number
let secret: string

tellOnFailure(() => bot)

const start = () =>
  startSimulatedBot({ slack, settings: SETTINGS, data, env: { SLACK_HTTP_PORT: String(port) } })

beforeAll(async () => {
  slack = await startDemoSlack()
  port = await freePort()
  address = `http://127.0.0.1:${port}/slack/events`
  secret = slack.workspace.app.signingSecret
  bot = await start()
})

afterAll(async () => {
  await bot.stop()
  await slack.stop()
})

/** Each of these opens an incident with a plan, if it is taken for Slack's. */
const command = (text = 'restart backend'): string => {
  const target = { user: BO, channel: INCIDENTS }
  const payload = commandPayload(slack.workspace, {
    ...target,
    command: '/rollback',
    text,
    triggerId: slack.triggers.mint(BO),
    responseUrl: slack.responses.mint(target),
  })
  return new URLSearchParams(
    Object.entries(payload).map(([name, value]): [string, string] => [name, String(value)]),
  ).toString()
}

const answeredPings = async () => {
  const before = slack.ephemerals(BO).length
  expect(await sendRaw(address, honest(secret, command('ping')))).toBe(200)
  await until(() => slack.ephemerals(BO).length > before, 'the bot to answer')
}

let callsBefore = 0

beforeEach(() => {
  callsBefore = slack.calls().length
})

describe(`${FORGERIES.length} requests that Slack did not sign`, () => {
  it.each(FORGERIES)('%s', async (_, forge) => {
    const status = await sendRaw(address, forge(secret, command()))
    // `null`: the connection was ended, which is an answer too.
    expect([null, 400, 401, 404, 413]).toContain(status)
    expect(slack.calls().length).toBe(callsBefore)
    await answeredPings()
    expect(newestIncident(bot)).toBeNull()
    expect(await cards(slack, 'headline')).toEqual([])
  })
})

describe(`${NONSENSE.length} requests that are signed, and mean nothing`, () => {
  it.each(NONSENSE)('%s', async (_, body, contentType) => {
    // Bolt waits for an acknowledgement that nobody gives: that it ends is for its own timeout.
    void sendRaw(address, honest(secret, body, contentType))
    await answeredPings()
    expect(newestIncident(bot)).toBeNull()
    expect(await cards(slack, 'headline')).toEqual([])
  })
})

describe('Slack’s question whether there is a listener', () => {
  it('is answered like any other request: when it is signed', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const body = `ssl_check=1&${command()}`
    expect(await sendRaw(address, { headers, body })).toBe(401)
    expect(await sendRaw(address, honest(secret, body))).toBe(200)
    expect(slack.calls().length).toBe(callsBefore)
    await answeredPings()
    expect(newestIncident(bot)).toBeNull()
  })
})

describe('the same request, as it should be', () => {
  it('opens an incident; after a restart its bytes are a wish of before', async () => {
    const request = honest(secret, command())
    expect(await sendRaw(address, request)).toBe(200)
    const [headline] = await until(async () => {
      const found = await cards(slack, 'headline')
      return found.length > 0 && found
    }, 'the headline')
    const incident = headline?.incident ?? ''
    await card(slack, 'plan-1', incident, /0 of 2/)
    expect(await sendRaw(address, request)).toBe(401)
    await bot.kill()
    bot = await start()
    // The signature is still young, and nobody remembers it: the journal knows the delivery.
    expect(await sendRaw(address, request)).toBe(200)
    await answeredPings()
    expect(newestIncident(bot)).toBe(incident)
    expect(countOf(journaled(bot, incident), 'plan-requested')).toBe(1)
    expect(await cards(slack, 'headline')).toHaveLength(1)
    expect(countOf(journaled(bot, incident), 'plan-withdrawn')).toBe(0)
  })

  it('nothing was carried out, and no secret was logged', async () => {
    expect(bot.output()).not.toContain(secret)
    expect(bot.output()).not.toContain(slack.workspace.app.botToken)
    const { text } = await until(async () => {
      await sendRaw(address, honest(secret, command('deployments')))
      return slack.ephemerals(BO).find(({ text: said }) => /deployments/.test(said))
    }, 'the deployments')
    expect(text).toMatch(/^All 2 deployments in production are ready/)
  })
})

it('a signed JSON of null does not end the bot', async () => {
  void sendRaw(address, honest(secret, 'null', 'application/json'))
  // The first one may come in before it; the second one after.
  await answeredPings()
  await answeredPings()
})
