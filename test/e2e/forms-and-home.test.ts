import { DatabaseSync } from 'node:sqlite'
import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { BO, GUS, INCIDENTS, RANDOM } from '../support/slack/fixture.ts'
import { str } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { answerTo, card, cards, closeIncident, declare, told, words } from './reading.ts'
import type { Card } from './reading.ts'

const homeReads = (ana: Person, reads: RegExp) =>
  ana.home((view) => reads.test(words(view['blocks'])))

describe('App Home', () => {
  it('says that all is calm, and what can be measured', async ({ ana }) => {
    await ana.openHome()
    const view = await homeReads(ana, /targets are up/)
    expect(words(view['blocks'])).toMatch(
      /Backout: production\n\*No incident is open\.\*\n[^]*All \d Prometheus targets are up\.[^]*Refresh/,
    )
  })

  it('shows an open incident after Refresh, and not when it is closed', async ({ slack, ana }) => {
    const { incident, thread } = await declare(slack, ana)
    await ana.homeClick('Refresh')
    const open = words((await homeReads(ana, /1 incident open/))['blocks'])
    expect(open).toContain(incident)
    expect(open).toMatch(/Open, severity critical, since .* UTC, in <#C0INCIDENTS>/)
    await closeIncident(ana, thread)
    await card(slack, 'headline', incident, /\*Closed\*/)
    await ana.homeClick('Refresh')
    await homeReads(ana, /No incident is open/)
  })
})

const formOf = async (person: Person): Promise<string> => {
  const view = await person.modal()
  return [words(view['title']), words(view['blocks']), words(view['submit'])].join('\n')
}

const headlineWith = (slack: Slack, reads: RegExp): Promise<Card> =>
  expect
    .poll(async () => (await cards(slack, 'headline')).find((one) => reads.test(one.reads)), {
      timeout: 20_000,
    })
    .toBeDefined()
    .then(async () => {
      const found = (await cards(slack, 'headline')).find((one) => reads.test(one.reads))
      if (!found) throw new Error('it went away')
      return found
    })

describe('the form to declare an incident', () => {
  it('asks for little, and says beside each field what is wrong with it', async ({
    slack,
    ana,
  }) => {
    await ana.command(INCIDENTS, '/rollback start kubernetes --to v1.9.0')
    expect(await formOf(ana)).toMatch(/What is wrong\?[^]*Affected services[^]*Way back[^]*Declare/)
    await expect(ana.submit()).rejects.toThrow('is required')
    const blank = await ana.submit({ description: ' \n ' })
    expect(blank.errors).toEqual({ description: 'Say in a few words what is wrong.' })
    const badVersion = await ana.submit({ description: 'x', version: 'the old one' })
    expect(badVersion.errors).toEqual({ version: 'Use a version like v1.9.0, or a digest.' })
    expect(await cards(slack, 'headline')).toHaveLength(1)
  })

  it('and then declares it: headline, thread, and the first look at production', async ({
    slack,
    ana,
  }) => {
    const description = 'Customers see an empty list\nSince the deploy at noon'
    const sent = await ana.submit({
      description,
      services: ['backend'],
      symptoms: ['data-loss'],
      version: 'v1.8.3',
    })
    expect(sent).toMatchObject({ acked: true })
    expect(sent.errors).toBeUndefined()
    const { incident } = await headlineWith(slack, /Customers see an empty list/)
    const headline = await card(slack, 'headline', incident, /Now:\*.*Roll back/)
    expect(headline.reads).toMatch(/Affected:\* backend/)
    expect(headline.reads).toMatch(/Wanted:\* kubernetes to v1\.8\.3/)
    const thread = await card(slack, 'thread-card', incident, /Roll back/)
    expect(thread.reads).toContain('Since the deploy at noon')
    expect(thread.reads).toMatch(/Reported:\*.*Data loss/)
    expect(thread.message['thread_ts']).toBe(headline.ts)
    expect(await cards(slack, 'assessment-card', incident)).toEqual([])
    expect(await answerTo(ana, `status ${incident}`)).toContain('Customers see an empty list')
  })

  it('stays open with all that was typed while the journal cannot be written', async ({
    slack,
    bot,
    ana,
  }) => {
    await ana.command(INCIDENTS, '/rollback start')
    await ana.modal()
    // The bot may be writing at this moment.
    const journal = new DatabaseSync(bot.journal, { timeout: 5_000 })
    journal.exec('BEGIN IMMEDIATE')
    const refused = await ana.submit({ description: 'The cache lies' })
    journal.exec('ROLLBACK')
    journal.close()
    expect(refused).toMatchObject({
      acked: true,
      errors: { description: expect.stringMatching(/^Backout cannot write its journal/) },
    })
    expect((await ana.submit({ description: 'The cache lies' })).errors).toBeUndefined()
    await headlineWith(slack, /The cache lies/)
  })

  it('a procedure that is not configured cannot be chosen, and the form says so', async ({
    ana,
  }) => {
    await ana.command(INCIDENTS, '/rollback start docker')
    expect(await formOf(ana)).toContain('docker is not configured here, so it cannot be chosen.')
    await ana.closeModal()
  })

  it('a guest gets none, and who became one meanwhile is refused', async ({ slack }) => {
    const gus = slack.as(GUS)
    expect(await answerTo(gus, 'start')).toMatch(/^Guests/)
    await expect(gus.submit({ description: 'let me in' })).rejects.toThrow()
    const bo = slack.as(BO)
    const account = slack.workspace.users.find(({ id }) => id === BO)
    if (!account) throw new Error('Bo is missing')
    await bo.command(INCIDENTS, '/rollback start')
    await bo.modal()
    account.is_restricted = true
    const refused = await told(bo, () => bo.submit({ description: 'let me in' }))
    account.is_restricted = false
    expect(refused).toMatch(/^Guests/)
    expect((await cards(slack, 'headline')).map(({ reads }) => reads).join()).not.toContain(
      'let me',
    )
  })

  it('that Slack does not open is explained', async ({ slack, ana }) => {
    slack.faults.add('views.open', { kind: 'platform', error: 'expired_trigger_id' })
    const refused = await answerTo(ana, 'start')
    expect(refused).toMatch(
      /^Slack did not open the form\. Nothing was done.*or type the command again/,
    )
  })
})

describe('the message shortcut', () => {
  const initialDescription = (view: Dict) => JSON.stringify(view)

  it('declares from what somebody wrote, anywhere, into the incident channel', async ({
    slack,
    ana,
    bo,
  }) => {
    const said = await ana.say(
      RANDOM,
      'checkout &amp; login are down, see <https://status.example|status>',
    )
    await bo.shortcut('declare-incident', { channel: RANDOM, ts: str(said['ts']) })
    expect(initialDescription(await bo.modal())).toContain(
      '"initial_value":"checkout & login are down, see status"',
    )
    await bo.submit()
    const headline = await headlineWith(slack, /checkout.*login are down/)
    expect(headline.reads).toMatch(/Declared by <@U0BO>/)
    expect(await cards(slack, 'headline', undefined, RANDOM)).toEqual([])
  })
})
