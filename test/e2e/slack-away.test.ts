import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Bot } from '../support/bot.ts'
import { dataFolder, runBackout, startBot, startDemoSlack } from '../support/bot.ts'
import { ANA, INCIDENTS, pipeshub } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import { startSlack } from '../support/slack/slack.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { answerTo, card, cards, declare, looks } from './reading.ts'
import type { Declared } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

let slack: Slack
let bot: Bot | undefined
let ana: Person

tellOnFailure(() => bot)

const readiness = async (running: Bot): Promise<string> => {
  const answer = await fetch(`${running.url}/readyz`)
  return `${answer.status} ${await answer.text()}`
}

beforeAll(async () => {
  slack = await startDemoSlack()
  ana = slack.as(ANA)
})

afterEach(() => {
  slack.outage.end()
  slack.faults.clear()
})

afterAll(() => slack.stop())

describe('Slack is away when the bot starts', () => {
  it.each(['cut', 'unavailable'] as const)('(%s): it waits, says so, and comes', async (mode) => {
    slack.outage.begin(mode)
    await using running = await startBot({ slack, scenario: 'healthy', untilReady: false })
    bot = running
    await expect.poll(() => readiness(running)).toMatch(/^503 slack: Slack (could not|answered)/)
    expect((await fetch(`${running.url}/healthz`)).status).toBe(200)
    slack.outage.end()
    await running.ready()
    expect(await readiness(running)).toMatch(/^200 slack: ok\njournal: ok\n/)
    expect(await answerTo(ana, 'ping')).toMatch(/Database\* answers/)
  })

  it('Slack asks it to wait for eleven days before it connects: it comes all the same', async () => {
    const limit = { kind: 'rate-limited', retryAfterS: 1_000_000 } as const
    const limited = slack.faults.add('apps.connections.open', limit, { times: 1 })
    await using running = await startBot({ slack, scenario: 'healthy' })
    bot = running
    expect(limited.hits()).toBe(1)
    expect(await readiness(running)).toMatch(/^200 slack: ok/)
  })

  it('and when it is stopped before Slack came, it ends at once', async () => {
    slack.outage.begin('silent')
    const running = await startBot({ slack, scenario: 'healthy', untilReady: false })
    bot = running
    const asked = Date.now()
    await running.stop()
    expect(Date.now() - asked).toBeLessThan(12_000)
  })
})

describe('Slack refuses the bot', () => {
  const WRONG = [
    ['the bot token', { botToken: 'xoxb-other' }],
    ['the app token', { appToken: 'xapp-other' }],
  ] as const
  it.each(WRONG)('%s is wrong: it ends with 1, and says what is wrong', async (_, tokens) => {
    const strict = await startSlack(pipeshub())
    try {
      const { app } = strict.workspace
      Object.assign(app, { botToken: 'xoxb-demo', appToken: 'xapp-demo' }, tokens)
      const args = ['demo', '--slack', strict.apiUrl, '--data', dataFolder()]
      const { code, output } = await runBackout([...args, '--scenario', 'healthy'])
      expect(code).toBe(1)
      expect(output).toMatch(/slack: Slack does not accept the token/i)
      expect(output).not.toMatch(/xoxb-|xapp-|\n {4}at /)
    } finally {
      await strict.stop()
    }
  })
})

describe('Slack refuses the bot when it connects again', () => {
  it('it ends with 1, so that a supervisor starts it anew', async () => {
    const other = await startDemoSlack()
    try {
      const args = ['demo', '--slack', other.apiUrl, '--data', dataFolder()]
      const running = runBackout([...args, '--scenario', 'healthy'])
      await other.sockets.waitFor(1, 20_000)
      other.faults.add('apps.connections.open', { kind: 'platform', error: 'invalid_auth' })
      other.sockets.kill()
      const { code, output } = await running
      expect(code).toBe(1)
      expect(output).toMatch(/Slack refused to connect again/)
      expect(output).not.toMatch(/xoxb-|xapp-/)
    } finally {
      await other.stop()
    }
  })

  it('and a Slack that is silent then is asked again', async () => {
    const other = await startDemoSlack()
    try {
      await using running = await startBot({ slack: other, scenario: 'healthy' })
      bot = running
      const silent = other.faults.add('apps.connections.open', { kind: 'hang' })
      other.sockets.kill()
      await until(() => other.sockets.open().length === 0, 'the socket to be gone')
      await other.sockets.waitFor(1, 15_000)
      expect(silent.hits()).toBe(1)
      expect(await answerTo(other.as(ANA), 'ping')).toMatch(/Database\* answers/)
    } finally {
      await other.stop()
    }
  })
})

describe('Slack goes away while an answer is due', () => {
  let incident: Declared

  beforeAll(async () => {
    bot = await startBot({ slack, scenario: 'prometheus-silent' })
    incident = await declare(slack, ana)
  })

  afterAll(() => bot?.stop())

  const assessments = async () => {
    const metrics = await (await fetch(`${bot?.url}/metrics`)).text()
    return Number(/^backout_assess_?\w*seconds_count (\d+)/m.exec(metrics)?.[1])
  }

  it.each(['cut', 'unavailable'] as const)('(%s): it comes afterwards, once', async (mode) => {
    const running = bot
    if (!running) throw new Error('there is no bot')
    const { incident: id, headline, thread } = incident
    const before = looks(await card(slack, 'thread-card', id, (now) => looks(now) !== ''))
    const taken = await assessments()
    await ana.click(INCIDENTS, thread.ts, 'Check again')
    await card(slack, 'thread-card', id, /Looking again since/)
    slack.outage.begin(mode)
    await until(async () => (await assessments()) > taken, 'the assessment')
    await expect
      // What was ready is looked at again after five seconds only.
      .poll(() => readiness(running), { timeout: 20_000 })
      .toMatch(/^503 slack: the connection is lost; connecting again/)
    slack.outage.end()
    await running.ready()
    await card(slack, 'thread-card', id, (now) => looks(now) > before, 15_000)
    expect(await cards(slack, 'headline', id)).toMatchObject([{ ts: headline.ts }])
    expect(await cards(slack, 'thread-card', id)).toMatchObject([{ ts: thread.ts }])
  })
})
