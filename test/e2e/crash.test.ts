import type { Surface } from '../../src/domain/incident/surface.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bot } from '../support/bot.ts'
import { dataFolder, runBackout, startBot, startDemoSlack } from '../support/bot.ts'
import type { ApiCall } from '../support/slack/faults.ts'
import { ANA, BO, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled, newestIncident } from './journaled.ts'
import { assess, card, cards, closeIncident, declare, looks, opened } from './reading.ts'
import type { Card } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

/** One Slack, one journal and one channel for all: the bot is killed again and again, as in a bad week. */
let slack: Slack
let bot: Bot
let ana: Person
let bo: Person
const data = dataFolder()
const start = () => startBot({ slack, scenario: 'errors-62', data })

tellOnFailure(() => bot)

beforeAll(async () => {
  slack = await startDemoSlack()
  bot = await start()
  ana = slack.as(ANA)
  bo = slack.as(BO)
})

afterAll(async () => {
  await bot.stop()
  await slack.stop()
})

type Stop = 'before Slack hears of it' | 'when Slack did it' | 'while it is on its way'

/** The next such call does not come back: either Slack never hears of it, or the bot never hears of Slack. */
const arrest = (method: string, surface: Surface | null, stop: Stop) => {
  const from = Date.now()
  const when = (call: ApiCall) =>
    surface === null || JSON.stringify(call.body['blocks'] ?? '').includes(`${surface}:`)
  if (stop === 'while it is on its way')
    slack.faults.add(method, { kind: 'delay', ms: 250 }, { when })
  else {
    const kind = stop === 'when Slack did it' ? 'lost-reply' : 'hang'
    slack.faults.add(method, { kind }, { when })
  }
  return () =>
    slack.waitForCall(
      method,
      (call) => call.at >= from && when(call) && (stop !== 'when Slack did it' || call.carriedOut),
      8_000,
    )
}

/** How far the story is told when the bot dies; each tells the incident, if the bot heard of it. */
type Moment = { readonly name: string; readonly tell: () => Promise<string | null> }

/** Types the command, and stops where the call is. */
const assessing = (method: string, surface: Surface, stop: Stop): Moment => ({
  name: `assess: ${method} of the card, ${stop}`,
  tell: async () => {
    const arrested = arrest(method, surface, stop)
    await ana.command(INCIDENTS, '/rollback assess')
    await arrested()
    return newestIncident(bot)
  },
})

const declaring = (method: string, surface: Surface | null, stop: Stop): Moment => ({
  name: `declare: ${method} of ${surface ?? 'the person'}, ${stop}`,
  tell: async () => {
    const assessed = await assess(slack, ana)
    const arrested = arrest(method, surface, stop)
    await ana.click(INCIDENTS, assessed.ts, 'Declare incident')
    await arrested()
    return assessed.incident
  },
})

const afterDeclared = (label: string, surface: Surface | null, stop: Stop): Moment => ({
  name: `declared, ${label} clicked: ${surface ?? 'acknowledged'}, ${stop}`,
  tell: async () => {
    const { incident, thread } = await declare(slack, ana)
    const closes = label === 'Close incident'
    if (closes) await opened(bo, thread, label, 'close-incident')
    const arrested = surface && arrest('chat.update', surface, stop)
    await (closes ? bo.submit({ outcome: 'resolved' }) : bo.click(INCIDENTS, thread.ts, label))
    await arrested?.()
    return incident
  },
})

/** One of each kind: between any two things that it changes it is killed in `test/faults/crash-everywhere.test.ts`. */
const MOMENTS: Moment[] = [
  {
    name: 'assess: the command is on its way to the bot',
    tell: async () => {
      const before = newestIncident(bot)
      void ana.command(INCIDENTS, '/rollback assess')
      await bot.kill()
      const now = newestIncident(bot)
      return now === before ? null : now
    },
  },
  {
    name: 'assess: the command is acknowledged',
    tell: async () => {
      await ana.command(INCIDENTS, '/rollback assess')
      return newestIncident(bot)
    },
  },
  assessing('chat.postMessage', 'assessment-card', 'before Slack hears of it'),
  assessing('chat.postMessage', 'assessment-card', 'while it is on its way'),
  assessing('chat.postMessage', 'assessment-card', 'when Slack did it'),
  assessing('chat.update', 'assessment-card', 'before Slack hears of it'),
  {
    name: 'declare: the click is acknowledged',
    tell: async () => {
      const assessed = await assess(slack, ana)
      await ana.click(INCIDENTS, assessed.ts, 'Declare incident')
      return assessed.incident
    },
  },
  declaring('users.info', null, 'before Slack hears of it'),
  declaring('chat.postMessage', 'headline', 'while it is on its way'),
  declaring('chat.postMessage', 'headline', 'when Slack did it'),
  declaring('chat.postMessage', 'thread-card', 'when Slack did it'),
  afterDeclared('Check again', null, 'when Slack did it'),
  afterDeclared('Close incident', 'headline', 'before Slack hears of it'),
]

type Reached = { readonly declared: boolean; readonly closed: boolean; readonly checked: boolean }

/** Whatever happened before: from here on it is one incident as any other, and its buttons work. */
const goOn = async (incident: string, reached: Reached): Promise<void> => {
  const found = await card(slack, 'assessment-card', incident, /Roll back: production/, 12_000)
  if (!reached.declared) await ana.click(INCIDENTS, found.ts, 'Declare incident')
  await card(slack, 'headline', incident, /(Now|Last look|Verdict):\*.*Roll back/, 12_000)
  if (!reached.closed) {
    const thread = await card(slack, 'thread-card', incident, /declared the incident/, 12_000)
    if (!reached.checked) await checkAgain(incident, thread)
    await closeIncident(bo, thread)
  }
  await card(slack, 'headline', incident, /\*Closed\*/)
  await card(slack, 'thread-card', incident, /closed the incident/)
}

const checkAgain = async (incident: string, thread: Card): Promise<void> => {
  await expect.poll(() => new Date().toISOString().slice(11, 19)).not.toBe(looks(thread))
  await bo.click(INCIDENTS, thread.ts, 'Check again')
  await card(slack, 'thread-card', incident, (now) => looks(now) > looks(thread))
}

describe('the bot is killed, and started again on the same journal', () => {
  let kills = 0

  it.each(MOMENTS)('$name', async ({ tell }) => {
    const incident = await tell()
    await bot.kill()
    kills += 1
    const before = incident === null ? [] : journaled(bot, incident)
    // What was on its way to Slack arrives, although nobody waits for it any more.
    slack.faults.clear()
    bot = await start()
    if (incident === null) {
      await assess(slack, ana)
      return
    }
    const closed = countOf(before, 'incident-closed') > 0
    const declared = countOf(before, 'incident-declared') > 0
    if (declared && !closed) {
      const thread = await card(slack, 'thread-card', incident, /Backout was restarted/, 12_000)
      expect(thread.reads).toMatch(/restarted and carries on/)
    }
    const clicked = countOf(before, 'intent-received') > 1
    // Looking again takes a second: every other time is often enough.
    await goOn(incident, { declared: declared || clicked, closed, checked: kills % 2 === 0 })
    expect(await cards(slack, 'assessment-card', incident)).toHaveLength(1)
    expect(await cards(slack, 'headline', incident)).toHaveLength(1)
    expect(await cards(slack, 'thread-card', incident)).toHaveLength(1)
    const [headline] = await cards(slack, 'headline', incident)
    const [thread] = await cards(slack, 'thread-card', incident)
    expect(thread?.message['thread_ts']).toBe(headline?.ts)
  })

  it('at many moments, and the journal is whole', async () => {
    expect(kills).toBeGreaterThanOrEqual(12)
    await bot.stop()
    const { code, output } = await runBackout(['verify-journal', bot.journal])
    expect(output).toMatch(/^The journal is intact: \d{3,} events/)
    expect(code).toBe(0)
    bot = await start()
    await until(async () => (await fetch(`${bot.url}/readyz`)).ok, 'the bot')
  })
})
