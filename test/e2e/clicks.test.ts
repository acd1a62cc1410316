import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { ANA, BO, INCIDENTS } from '../support/slack/fixture.ts'
import { dict, dicts } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { assess, card, cards, closeIncident, declare, told, words } from './reading.ts'

/** The payload of a click that really happened, changed: what an attacker could send. */
const forged = (slack: Slack, payload: Dict, action: Dict, container: Dict = {}): Dict => ({
  ...payload,
  trigger_id: slack.triggers.mint(ANA),
  container: { ...dict(payload['container']), ...container },
  actions: [{ ...dicts(payload['actions'])[0], ...action }],
})

describe('every rule', () => {
  it('opens for whoever wants to check the answer, and stands on no card', async ({
    slack,
    bo,
  }) => {
    const assessed = await assess(slack, bo)
    expect(assessed.reads).not.toMatch(/How it was asked|complete-outage/)
    await bo.click(INCIDENTS, assessed.ts, 'Details')
    const shown = words((await bo.modal())['blocks'])
    expect(shown).toMatch(/yes · \*errors-critical\*: 5xx 6[\d.]+ %, rule above 50 %/)
    expect(shown).toMatch(/How it was asked[^]*Errors: `sum\(rate/)
  })
})

describe('Slack delivers twice', () => {
  it.for([{ sameEnvelope: true }, { sameEnvelope: false }, { atOnce: true }])(
    'a command (%o): one card, one incident',
    async (how, { slack, ana, bo }) => {
      const before = (await cards(slack, 'assessment-card')).length
      slack.sockets.duplicateNext(how)
      await assess(slack, ana)
      // Both deliveries are acknowledged before anything typed after them.
      await assess(slack, bo)
      expect((await cards(slack, 'assessment-card')).length).toBe(before + 2)
    },
  )

  it('a click: one headline, and nobody is told that it was too late', async ({ slack, ana }) => {
    const assessed = await assess(slack, ana)
    const toldBefore = ana.ephemerals().length
    slack.sockets.duplicateNext({ type: 'interactive' })
    await ana.click(INCIDENTS, assessed.ts, 'Declare incident')
    await card(slack, 'thread-card', assessed.incident, /declared the incident/)
    expect(await cards(slack, 'headline', assessed.incident)).toHaveLength(1)
    expect(ana.ephemerals()).toHaveLength(toldBefore)
  })

  it('a mention: one card', async ({ slack, ana, bo }) => {
    const before = (await cards(slack, 'assessment-card')).length
    slack.sockets.duplicateNext({ type: 'events_api' })
    await ana.mention(INCIDENTS, 'assess')
    // A mention is acknowledged before it is taken up: its card may come after that of the next command.
    const count = async () => (await cards(slack, 'assessment-card')).length
    await until(async () => (await count()) > before, 'the card of the mention')
    await assess(slack, bo)
    expect(await count()).toBe(before + 2)
  })

  it('a submitted form: one incident', async ({ slack, ana, bo }) => {
    await ana.command(INCIDENTS, '/rollback start')
    await ana.modal()
    slack.sockets.duplicateNext({ type: 'interactive' })
    await ana.submit({ description: 'sent twice' })
    await ana.waitForMessage(INCIDENTS, ({ text }) => String(text).includes('sent twice'))
    await assess(slack, bo)
    const all = await cards(slack, 'headline')
    expect(all.filter(({ reads }) => reads.includes('sent twice'))).toHaveLength(1)
  })
})

describe('clicks that come too late', () => {
  it.for([
    ['two people at once', BO],
    ['one person twice', ANA],
  ] as const)(
    '%s declare: the second click is answered, and nothing is done twice',
    async ([, second], { slack, ana }) => {
      const assessed = await assess(slack, ana)
      const other = slack.as(second)
      const seen = { seen: assessed.message }
      const refused = await told(other, () =>
        Promise.all([
          ana.click(INCIDENTS, assessed.ts, 'Declare incident', seen),
          other.click(INCIDENTS, assessed.ts, 'Declare incident', seen),
        ]),
      )
      expect(refused).toMatch(/^This incident is already declared\. Nothing was done twice\./)
      await card(slack, 'thread-card', assessed.incident, /<@U0ANA> declared the incident/)
      expect(await cards(slack, 'headline', assessed.incident)).toHaveLength(1)
      expect(await cards(slack, 'thread-card', assessed.incident)).toHaveLength(1)
    },
  )

  it('an incident is closed: no button is left, and an old one says why', async ({
    slack,
    ana,
    bo,
  }) => {
    const { incident, thread, ...assessed } = await declare(slack, ana)
    await closeIncident(bo, thread)
    const closed = await card(slack, 'headline', incident, /\*Closed\*/)
    expect(closed.reads).toMatch(/Closed [\d:]+ UTC by <@U0BO>/)
    const quiet = await card(slack, 'thread-card', incident, /closed the incident/)
    expect(quiet.reads).not.toMatch(/Check again|Close incident|Report a symptom/)
    const late = async (ts: string, seen: Dict, label: string, pick?: string) =>
      told(ana, () => ana.click(INCIDENTS, ts, label, { seen, ...(pick ? { pick } : {}) }))
    const why = /^This incident is closed, so nothing was changed\..*\/rollback assess/
    expect(await late(thread.ts, thread.message, 'Check again')).toMatch(why)
    expect(await late(thread.ts, thread.message, 'Close incident')).toMatch(why)
    expect(await late(thread.ts, thread.message, 'Report a symptom', 'UI issue')).toMatch(why)
    expect(await late(assessed.ts, assessed.message, 'Declare incident')).toMatch(why)
  })

  it('a symptom is reported twice', async ({ slack, ana, bo }) => {
    const { incident, thread } = await declare(slack, ana)
    const report = (label: string) =>
      bo.click(INCIDENTS, thread.ts, 'Report a symptom', { seen: thread.message, pick: label })
    await report('Data loss')
    await card(slack, 'thread-card', incident, /Reported:\* Data loss/)
    expect(await told(bo, () => report('Data loss'))).toMatch(/^This symptom is already reported/)
  })
})

describe('clicks that are not ours', () => {
  it('a button that names another incident is refused, and that incident stays as it is', async ({
    slack,
    ana,
    bo,
  }) => {
    const mine = await declare(slack, ana)
    const other = await declare(slack, bo)
    const { envelope } = await ana.click(INCIDENTS, mine.thread.ts, 'Check again')
    const action = { action_id: 'close-incident', value: other.incident }
    const refused = await told(ana, () => ana.forge(forged(slack, envelope.payload, action)))
    expect(refused).toMatch(/^This card is old, and things have changed since\. Nothing was done\./)
    expect((await card(slack, 'headline', other.incident)).reads).toContain('*Open*')
  })

  it('a card that is not ours is refused, even with the right incident', async ({ slack, ana }) => {
    const { incident, thread } = await declare(slack, ana)
    // Until the last card has come, one that nobody knows of yet may be it.
    await card(slack, 'status-page', incident)
    const said = await ana.say(INCIDENTS, 'looks like a card')
    const { envelope } = await ana.click(INCIDENTS, thread.ts, 'Check again')
    const close = { action_id: 'close-incident', value: incident }
    const foreign = forged(slack, envelope.payload, close, { message_ts: said['ts'] })
    expect(await told(ana, () => ana.forge(foreign))).toMatch(/^This card is old/)
    expect((await card(slack, 'headline', incident)).reads).toContain('*Open*')
  })

  it('an incident that does not exist', async ({ slack, ana }) => {
    const { ts } = await assess(slack, ana)
    const { envelope } = await ana.click(INCIDENTS, ts, 'Check again')
    const value = '20200101-none'
    const refused = await told(ana, () => ana.forge(forged(slack, envelope.payload, { value })))
    expect(refused).toMatch(/^There is no incident/)
  })

  it('an unknown button, an empty value and half a payload are acknowledged and change nothing', async ({
    slack,
    ana,
  }) => {
    const { ts, incident } = await assess(slack, ana)
    const { envelope } = await ana.click(INCIDENTS, ts, 'Check again')
    const { payload } = envelope
    const odd = [
      forged(slack, payload, { action_id: 'launch-missiles' }),
      forged(slack, payload, { value: '' }),
      forged(slack, payload, { value: '../../etc/passwd' }),
      forged(slack, payload, { value: 'x'.repeat(1_900) }),
      forged(slack, payload, { action_id: 'report-symptom', value: `${incident}/bad-mood` }),
      { ...forged(slack, payload, {}), container: {} },
    ]
    for (const one of odd) {
      // oxlint-disable-next-line no-await-in-loop -- which one was not acknowledged?
      expect(await ana.forge(one), JSON.stringify(one['actions'])).toMatchObject({ acked: true })
    }
    expect(await cards(slack, 'headline', incident)).toEqual([])
    await assess(slack, ana)
  })
})
