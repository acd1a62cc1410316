import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import {
  ANA,
  ANA_DM,
  BO,
  BOTTY,
  DEL,
  GUS,
  INCIDENTS,
  NOBOT,
  RANDOM,
  XENA,
} from '../support/slack/fixture.ts'
import { str } from '../support/slack/json.ts'
import { answerTo, card, cards, declare, looks, told } from './reading.ts'
import type { Declared } from './reading.ts'

let incident: Declared

it.beforeAll(async ({ slack }) => {
  incident = await declare(slack, slack.as(ANA))
})

describe('in the wrong place, an answer names the right one', () => {
  const PLACES: [string, string, RegExp][] = [
    ['another channel', RANDOM, /does not work in this channel\. Nothing was done\. Go to <#C0INC/],
    ['a channel it is not in', NOBOT, /does not work in this channel\..* Go to <#C0INCIDENTS>/],
    ['a direct message', ANA_DM, /does not work in direct messages.* Go to <#C0INCIDENTS>/],
  ]
  it.for(PLACES)('%s', async ([, channel, reads], { slack, ana }) => {
    expect(await told(ana, () => ana.command(channel, '/rollback assess'))).toMatch(reads)
    expect(await told(ana, () => ana.command(channel, '/rollback help'))).toMatch(reads)
    expect(await cards(slack, 'assessment-card', undefined, channel)).toEqual([])
  })

  it('mentioned in another channel', async ({ ana }) => {
    expect(await told(ana, () => ana.mention(RANDOM, 'assess'))).toMatch(/Go to <#C0INCIDENTS>/)
  })
})

describe('people who may not', () => {
  const PEOPLE: [string, string, RegExp][] = [
    ['a guest', GUS, /^Guests cannot do this\. Nothing was done\. Ask a full member/],
    ['a bot', BOTTY, /^Bots and workflows cannot do this\. Nothing was done\./],
    ['somebody of another company', XENA, /^People of another company cannot do this\./],
    ['somebody who left', DEL, /^This account is deactivated\. Nothing was done\./],
  ]

  it.for(PEOPLE)('%s gets no assessment and no answer', async ([, user, reads], { slack }) => {
    const before = (await cards(slack, 'assessment-card')).length
    expect(await answerTo(slack.as(user), 'assess')).toMatch(reads)
    expect(await answerTo(slack.as(user), 'logs backend')).toMatch(reads)
    expect(await answerTo(slack.as(user), 'history')).not.toContain(incident.incident)
    expect((await cards(slack, 'assessment-card')).length).toBe(before)
  })

  it.for(PEOPLE)('%s clicks for nothing', async ([, user, reads], { slack }) => {
    const { ts, incident: id } = incident.thread
    const before = await card(slack, 'thread-card', id)
    const person = slack.as(user)
    expect(await told(person, () => person.click(INCIDENTS, ts, 'Close incident'))).toMatch(reads)
    expect(await told(person, () => person.click(INCIDENTS, ts, 'Check again'))).toMatch(reads)
    expect((await card(slack, 'thread-card', id)).reads).toBe(before.reads)
    expect((await card(slack, 'headline', id)).reads).toContain('*Open*')
  })

  it('somebody is asked about live: deactivated since the last click', async ({ slack, bo }) => {
    const account = slack.workspace.users.find(({ id }) => id === BO)
    if (!account) throw new Error('Bo is missing')
    await bo.click(INCIDENTS, incident.thread.ts, 'Report a symptom', { pick: 'Cache issue' })
    await card(slack, 'thread-card', incident.incident, /<@U0BO> reported: Cache issue/)
    account.deleted = true
    const refused = await told(bo, () => bo.click(INCIDENTS, incident.thread.ts, 'Check again'))
    account.deleted = false
    expect(refused).toMatch(/^This account is deactivated\./)
  })

  it('when Slack does not say who it is, nobody gets in', async ({ slack, ana }) => {
    slack.faults.add('users.info', { kind: 'http', status: 503 }, { times: 2 })
    expect(await answerTo(ana, 'history')).toMatch(/^Slack did not say who you are.*Try again/)
    const close = () => ana.click(INCIDENTS, incident.thread.ts, 'Close incident')
    expect(await told(ana, close)).toMatch(/^Slack did not say who you are/)
    expect((await card(slack, 'headline', incident.incident)).reads).toContain('*Open*')
  })
})

describe('in the thread of an incident', () => {
  it('a mention with assess looks again, and opens nothing new', async ({ slack }) => {
    const before = (await cards(slack, 'assessment-card')).length
    const was = looks(await card(slack, 'thread-card', incident.incident))
    await expect.poll(() => new Date().toISOString().slice(11, 19)).not.toBe(was)
    await slack.as(BO).mention(INCIDENTS, 'assess', incident.headline.ts)
    await card(slack, 'thread-card', incident.incident, (now) => looks(now) > was)
    expect((await cards(slack, 'assessment-card')).length).toBe(before)
  })

  it('a mention with a symptom reports it there', async ({ slack }) => {
    await slack.as(BO).mention(INCIDENTS, 'assess “data loss”', incident.headline.ts)
    const thread = await card(slack, 'thread-card', incident.incident, /Reported:\*.*Data loss/)
    expect(thread.reads).toMatch(/<@U0BO> reported: Data loss/)
  })

  it('a mention with help is answered there', async ({ slack }) => {
    const { ts: thread } = incident.headline
    await slack.as(BO).mention(INCIDENTS, 'help', thread)
    const answer = await slack
      .as(ANA)
      .waitForMessage(
        INCIDENTS,
        ({ text, thread_ts }) =>
          thread_ts === thread && str(text).startsWith('Backout for production knows'),
      )
    expect(JSON.stringify(answer['blocks'])).toContain('/rollback assess')
  })

  it('a mention that Slack delivers twice is answered once', async ({ slack, ana }) => {
    const { ts: thread } = incident.headline
    const answers = async () =>
      (await ana.messages(INCIDENTS, { thread })).filter(({ text }) =>
        str(text).startsWith('Backout for production knows'),
      ).length
    const before = await answers()
    const events = slack.envelopes('events_api').length
    slack.sockets.duplicateNext({ type: 'events_api' })
    await ana.mention(INCIDENTS, 'help', thread)
    await expect.poll(() => slack.envelopes('events_api').length).toBe(events + 2)
    await expect.poll(answers).toBe(before + 1)
    // An answer to a later question: what the second delivery asked for would stand there by now.
    await told(ana, () => ana.mention(INCIDENTS, 'chekc', thread))
    expect(await answers()).toBe(before + 1)
  })

  it('a refused click is answered there, also after a command', async ({ slack }) => {
    const gus = slack.as(GUS)
    await answerTo(gus, 'assess')
    const { thread, headline } = incident
    await told(gus, () => gus.click(INCIDENTS, thread.ts, 'Check again'))
    expect(gus.ephemerals().at(-1)).toMatchObject({ threadTs: headline.ts })
  })

  it('a mention with start says why a form cannot open there', async ({ bo }) => {
    const refused = await told(bo, () => bo.mention(INCIDENTS, 'start', incident.headline.ts))
    expect(refused).toMatch(/^Slack opens a form only from.*Type \/rollback start in the channel/)
  })

  it('a mention with a mistake is told to one person', async ({ bo }) => {
    const refused = await told(bo, () => bo.mention(INCIDENTS, 'chekc', incident.headline.ts))
    expect(refused).toMatch(/“chekc” is not known/)
  })
})
