import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sent, sentAlert } from '../support/alerts.ts'
import type { Bot } from '../support/bot.ts'
import { dataFolder, shippedSettings, startDemoSlack, startSimulatedBot } from '../support/bot.ts'
import { ANA, INCIDENTS } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { card, cards, rendered, type Card } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

const TOKEN = 'a-token-for-the-alertmanager-of-production'

const data = dataFolder()
let slack: Slack
let bot: Bot
let other: Bot

tellOnFailure(() => bot)

/** Two processes with one journal, as two replicas would be. */
const start = () =>
  startSimulatedBot({
    slack,
    settings: shippedSettings({}),
    data,
    env: { BACKOUT_ALERTMANAGER_TOKEN: TOKEN },
  })

beforeAll(async () => {
  slack = await startDemoSlack()
  bot = await start()
  other = await start()
})

afterAll(async () => {
  await bot?.stop()
  await other?.stop()
  await slack?.stop()
})

const notify = async (to: Bot, body: unknown, token = TOKEN): Promise<number> => {
  const answer = await fetch(`${to.url}/hooks/alertmanager`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  await answer.text()
  return answer.status
}

/** The one card that speaks of this alert, once it reads like that. */
const cardOf = (alert: string, reads = /Looked at/): Promise<Card> =>
  until(
    async () => {
      const found = (await cards(slack, 'assessment-card')).filter((one) =>
        one.reads.includes(`*Alert:* ${alert}`),
      )
      return found.length === 1 && reads.test(found[0]?.reads ?? '') ? found[0] : undefined
    },
    `one card for ${alert} that reads ${String(reads)}`,
    20_000,
  )

/** What comes after it is done after it: once this one is seen, nothing else was opened. */
const nextOpensOne = async (name: string, before: number): Promise<void> => {
  expect(await notify(bot, sent([sentAlert(name)]))).toBe(200)
  await cardOf(name)
  expect(await numberOfCards()).toBe(before + 1)
}

const numberOfCards = async () => (await cards(slack, 'assessment-card')).length

describe('an alert', () => {
  const firing = sent([sentAlert('HighErrorRate'), sentAlert('LoginsFail')])

  it('opens one incident, whichever of two processes is told and in whatever order', async () => {
    const turned = { ...firing, alerts: [sentAlert('LoginsFail'), sentAlert('HighErrorRate')] }
    expect(await Promise.all([notify(bot, firing), notify(other, turned)])).toEqual([200, 200])
    const { reads, spoken } = await cardOf('HighErrorRate')
    expect(reads).toContain('Roll back: production')
    expect(reads).toContain(
      '*Alert:* HighErrorRate (its severity: critical), since 03:12:07 UTC: HighErrorRate says',
    )
    expect(reads).toContain('*Alert:* LoginsFail')
    expect(reads).toContain('Source: `http://prometheus:9090/graph?g0.expr=up`')
    expect(reads).toContain('Runbook: `https://runbooks/high`')
    expect(reads).toContain('Alertmanager: `http://alertmanager:9093`')
    expect(reads).toContain('Asked by the alert HighErrorRate')
    expect(spoken).toContain('Asked by the alert HighErrorRate, and 1 more, from Alertmanager.')
    expect(await numberOfCards()).toBe(1)
  })

  it('that is told again changes nothing', async () => {
    const before = await cardOf('HighErrorRate')
    expect([await notify(bot, firing), await notify(other, firing)]).toEqual([200, 200])
    await nextOpensOne('Later', 1)
    expect((await cardOf('HighErrorRate')).reads).toBe(before.reads)
  })

  it('that ends is said on the card and in the thread, and nothing is closed', async () => {
    const { ts, incident } = await cardOf('HighErrorRate')
    await slack.as(ANA).click(INCIDENTS, ts, 'Declare incident')
    await card(slack, 'thread-card', incident, /\*Alert:\* HighErrorRate/)
    const over = sentAlert('HighErrorRate', {
      status: 'resolved',
      endsAt: '2026-11-22T03:30:00Z',
    })
    expect(await notify(bot, sent([over], { status: 'resolved' }))).toBe(200)
    const said = /The alert has ended at 03:30:00 UTC\.\* That closes nothing/
    await card(slack, 'thread-card', incident, said)
    await card(slack, 'thread-card', incident, /the alert HighErrorRate has ended at 03:30:00 UTC/)
    await card(slack, 'headline', incident, /\*Open\*/)
    await cardOf('HighErrorRate', said)
  })
})

it('whoever writes an alert writes no markup, no link and no mention', async () => {
  const hostile =
    '<!channel> <@U0BO> <https://evil.example|press> *bold* `code` ```\n>quote :fire: \u202Edaer'
  const labels = { alertname: `Hostile ${hostile}`, severity: hostile }
  const annotations = { summary: hostile, runbook_url: hostile }
  const body = sent(
    [
      sentAlert('Hostile', {
        labels,
        annotations,
        generatorURL: `https://evil.example/${hostile}`,
      }),
    ],
    { externalURL: 'javascript:alert(1)' },
  )
  expect(await notify(bot, body)).toBe(200)
  const { message } = await until(async () => {
    const all = await cards(slack, 'assessment-card')
    return all.find(({ reads }) => reads.includes('Hostile') && reads.includes('Looked at'))
  }, 'the card of the hostile alert')
  expect(rendered(message)).not.toMatch(/<!channel|<@U0BO>|<https:\/\/evil|<javascript|\u202E/)
})

it('what fires for ever on purpose opens nothing', async () => {
  const before = await numberOfCards()
  const watchdog = sentAlert('Watchdog', { labels: { alertname: 'Watchdog', severity: 'none' } })
  expect(await notify(bot, sent([watchdog]))).toBe(200)
  const shown = await (await fetch(`${bot.url}/metrics`)).text()
  expect(shown).toMatch(/backout_alerts_total\{outcome="ignored"\} 1/)
  await nextOpensOne('AfterTheWatchdog', before)
})

it('without the right token, or in another version, nothing is opened, and the token is in no log', async () => {
  const before = await numberOfCards()
  expect(await notify(bot, sent([sentAlert('Never')]), `${TOKEN}x`)).toBe(401)
  expect(await notify(bot, sent([sentAlert('Never')], { version: '1' }))).toBe(400)
  await nextOpensOne('AfterTheRefused', before)
  expect(bot.output()).not.toContain(TOKEN)
})
