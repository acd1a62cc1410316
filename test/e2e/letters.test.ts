import { describe, expect } from 'vitest'
import { it as story } from '../support/bot-story.ts'
import { shippedSettings, startSimulatedBot } from '../support/bot.ts'
import { ANA_AGAIN, INCIDENTS } from '../support/slack/fixture.ts'
import { smtpTestServer } from '../support/smtp-server.ts'
import { card, declare, rendered, told } from './reading.ts'

const TO = ['ops@acme.example', 'cto@initech.example']

/** A mail server, and a bot that writes to key customers by it. */
const it = story
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from it what a fixture needs
  .extend('mail', { scope: 'file' }, async ({}, { onCleanup }) => {
    const mail = await smtpTestServer()
    onCleanup(() => mail.stop())
    return mail
  })
  .extend('bot', { scope: 'file', auto: true }, async ({ slack, mail }, { onCleanup }) => {
    const settings = shippedSettings({
      '  publishers: { users: [], groups: [] }': `  publishers: { users: [], groups: [] }
  customers: [{ name: "Enterprise <!channel>", to: [${TO.join(', ')}] }]
  mail: { from: status@pipeshub.example, allowUnencrypted: true }`,
    })
    const env = { BACKOUT_SMTP_URL: `smtp://127.0.0.1:${mail.port}` }
    const bot = await startSimulatedBot({ slack, settings, env })
    onCleanup(() => bot.stop())
    return bot
  })

describe('key customers of a critical incident', () => {
  it('get a letter once, when somebody who may presses Send, and do not see one another', async ({
    slack,
    mail,
    ana,
    bo,
  }) => {
    const { incident } = await declare(slack, ana)
    const list = await card(slack, 'checklist', incident, /\(2 addresses\): not written to/)
    expect(list.reads).toContain('It cannot be taken back.')
    expect(rendered(list.message)).not.toMatch(/<!channel>|acme/)
    const label = 'Send to Enterprise <!channel>'
    const stranger = slack.as(ANA_AGAIN)
    const why = await told(stranger, () => stranger.click(INCIDENTS, list.ts, label))
    expect(why).toMatch(/^Only approvers, and those named under communication\.publishers/)
    expect(mail.commands).toEqual([])
    await bo.click(INCIDENTS, list.ts, label)
    const sent = await card(slack, 'checklist', incident, /sent to 2 addresses by <@U0BO> at/)
    expect(sent.reads).toMatch(/⬜ Notify key customers/)
    expect(mail.letters).toMatchObject([{ from: 'status@pipeshub.example', to: TO }])
    expect(mail.letters[0]?.raw).not.toMatch(/acme|initech|bcc/i)
    const late = await told(bo, () => bo.click(INCIDENTS, list.ts, label, { seen: list.message }))
    expect(late).toMatch(/^This letter is sent already\. Nothing was sent twice/)
    expect(mail.letters).toHaveLength(1)
  })
})
