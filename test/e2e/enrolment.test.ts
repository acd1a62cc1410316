import { describe, expect } from 'vitest'
import { freePort } from '../servers/spawn.ts'
import { it } from '../support/bot-story.ts'
import { shippedSettings } from '../support/bot.ts'
import { codeAt, signingOn } from '../support/second-factor.ts'
import { browserAt } from '../support/signing-browser.ts'
import { ANA, ANA_DM, GUS, INCIDENTS } from '../support/slack/fixture.ts'
import { str } from '../support/slack/json.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { answerTo, told, words } from './reading.ts'

/** How somebody comes by a second factor, told in order. */
const port = await freePort()
const url = `http://127.0.0.1:${port}`

it.override('told', {
  scenario: 'errors-62',
  settings: shippedSettings({ 'readSeconds: 5': 'readSeconds: 0' }),
  env: signingOn(port),
})

const LINK = /<(https:\/\/127\.0\.0\.1:\d+)(\/enrol\/[\w-]{43})\|show me my secret>/

const asked = async (slack: Slack) =>
  (await slack.chat.all(INCIDENTS)).find((message) =>
    /has set up a second factor/.test(words(message['blocks'])),
  )

let name = ''
let secret = ''

describe('a second factor', () => {
  it('is for those who sign, and for nobody else', async ({ slack }) => {
    expect(await answerTo(slack.as(GUS), 'enrol')).toMatch(/^Guests cannot do this/)
  })

  it('begins with a link for the person alone, and is proved by a code', async ({ slack, ana }) => {
    const answer = await answerTo(ana, 'enroll')
    expect(answer).toMatch(/for you alone, works once/)
    const path = LINK.exec(answer)?.[2] ?? ''
    const holding = (await slack.chat.all(INCIDENTS)).filter((message) =>
      JSON.stringify(message).includes('/enrol/'),
    )
    expect(holding.map((message) => message['ephemeral_to'])).toEqual([ANA])
    const browser = browserAt(url)
    await browser.ask(path)
    const shown = await browser.send('/enrol')
    secret = /secret=([A-Z2-7]{32})/.exec(shown.html)?.[1] ?? ''
    name = /Your name here is ([a-z2-9]{8})/.exec(shown.reads)?.[1] ?? ''
    const done = await browser.send('/enrol/prove', { code: codeAt(secret, Date.now()) })
    expect(done.reads).toMatch(/Another approver was asked in Slack/)
    await until(() => asked(slack), 'approvers to be asked')
    await ana.waitForMessage(ANA_DM, ({ text }) => /set up in your name/.test(str(text)))
  })

  it('is not confirmed by oneself, and by another approver it is, once', async ({
    slack,
    bo,
    cy,
    ana,
  }) => {
    const card = await until(() => asked(slack), 'approvers to be asked')
    const press = (person: typeof ana) =>
      told(person, () =>
        person.click(INCIDENTS, str(card['ts']), 'Confirm: I asked them', { seen: card }),
      )
    expect(await press(ana)).toMatch(/^This is your own enrolment/)
    expect(await press(slack.as(GUS))).toMatch(/^You are not among the approvers/)
    expect(await press(cy)).toMatch(/^Thank you/)
    expect(await press(bo)).toMatch(/^Somebody has confirmed it already/)
    const all = await slack.chat.all(INCIDENTS)
    const now = all.find(({ ts }) => ts === card['ts'])
    expect(words(now?.['blocks'])).toMatch(/can sign without Slack from .*<@U0CY> confirmed it/)
    await ana.waitForMessage(ANA_DM, ({ text }) => /confirmed your second factor/.test(str(text)))
    expect(await answerTo(ana, 'enrol')).toMatch(/^You have a second factor already/)
  })

  it('does not count before a day has passed', async () => {
    const early = await browserAt(url).signIn(name, codeAt(secret, Date.now() + 30_000))
    expect(early.reads).toMatch(/This second factor counts from .* on/)
  })

  it('is gone when its person revokes it, and they are told', async ({ ana }) => {
    expect(await answerTo(ana, 'enrol revoke')).toMatch(/^Your second factor is revoked/)
    await ana.waitForMessage(ANA_DM, ({ text }) => /was revoked/.test(str(text)))
    expect(await answerTo(ana, 'enrol revoke')).toMatch(/nothing to revoke/)
    const page = await browserAt(url).signIn(name, codeAt(secret, Date.now()))
    expect(page.reads).toMatch(/That name and that code do not belong together/)
  })

  it('nothing of it stands in what Backout has logged', async ({ bot }) => {
    expect(secret).toHaveLength(32)
    expect(bot.output()).not.toContain(secret)
    expect(bot.output()).not.toMatch(/\/enrol\/[\w-]{43}/)
  })
})
