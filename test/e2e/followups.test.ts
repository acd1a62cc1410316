import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { shippedSettings } from '../support/bot.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { answerTo, card, cards, closeIncident, declare, rendered, told, words } from './reading.ts'
import type { Card, Declared } from './reading.ts'

/** What people do beside the rollback: checklist, status page, watch. */
let declared: Declared

// No status page is configured: people publish, and say so.
it.override('told', { scenario: 'errors-62', settings: shippedSettings({}) })

describe('before there is an incident', () => {
  it('abort, undo and monitor say that there is nothing to them', async ({ ana }) => {
    expect(await answerTo(ana, 'abort')).toMatch(/^Nothing is being carried out that could be stop/)
    expect(await answerTo(ana, 'undo')).toMatch(/^Nothing was changed here that could be undone/)
    expect(await answerTo(ana, 'monitor')).toMatch(/^No incident is declared here/)
  })

  it('verify answers for production as it is now', async ({ slack, ana }) => {
    const answer = await answerTo(ana, 'verify')
    expect(answer).toMatch(/🟢 \*Health, backend:\*/)
    expect(answer).toMatch(/🔴 \*Errors:\* 6[0-3]/)
    expect(answer).toMatch(/The list of the runbook:\* \d+ of 12 verified/)
    expect(await cards(slack, 'assessment-card')).toEqual([])
  })
})

describe('the checklist', () => {
  it('shows what Backout did, and is ticked by people', async ({ slack, ana, bo, cy }) => {
    declared = await declare(slack, ana)
    const { incident } = declared
    const list = await card(slack, 'checklist', incident, /⬜ Alert on-call: a person does it/)
    expect(list.reads).toMatch(/✅ Assess the situation: Backout/)
    expect(list.reads).toMatch(/⬜ Save current logs: Backout does it with the next plan/)
    await bo.click(INCIDENTS, list.ts, { value: `${incident}/on-call-alerted` })
    const ticked = await card(slack, 'checklist', incident, /✅ Alert on-call: <@U0BO>, [\d:]+ UTC/)
    expect(ticked.reads).not.toMatch(/\*On call\*/)
    const late = await told(cy, () =>
      cy.click(
        INCIDENTS,
        list.ts,
        { value: `${incident}/on-call-alerted` },
        { seen: list.message },
      ),
    )
    expect(late).toMatch(/^This is ticked already/)
    await cy.click(INCIDENTS, list.ts, { value: `${incident}/customers-told` })
    await card(slack, 'checklist', incident, /✅ Notify key customers: <@U0CY>/)
  })
})

describe('the status page', () => {
  const LOUD = 'All is lost <!channel> ``` <https://evil.example|here> *now*'
  const draft = (slack: Slack) => card(slack, 'status-page', declared.incident)

  it('has a draft that names nothing which is not known', async ({ slack }) => {
    const { reads } = await draft(slack)
    expect(reads).toMatch(/Investigating an Issue[^]*Issue detected at 20\d\d-[\d-]+ [\d:]+ UTC/)
    expect(reads).toMatch(
      /Affected users: \d+ were active at the worst, usually \d+[^]*Data loss: not yet determined/,
    )
    expect(reads).toMatch(/Nothing is published by Backout/)
  })

  it('is edited in a form that holds the draft, and an empty message is not taken', async ({
    slack,
    bo,
  }) => {
    const { ts } = await draft(slack)
    await bo.click(INCIDENTS, ts, 'Edit')
    const form = await bo.modal()
    expect(JSON.stringify(form['blocks'])).toContain('Investigating an Issue')
    const { errors } = await bo.submit({ text: ' ' })
    expect(errors).toEqual({ text: 'Say what the status page should say.' })
    await bo.submit({ text: LOUD })
    const edited = await card(slack, 'status-page', declared.incident, /All is lost/)
    expect(edited.reads).toMatch(/As a person left it/)
    expect(rendered(edited.message)).not.toMatch(/<!channel>|<https:\/\/evil|```[^]*```[^]*```/)
  })

  it('is marked as published once, and who comes later is told', async ({ slack, bo, cy }) => {
    const before = await draft(slack)
    await cy.click(INCIDENTS, before.ts, 'I have published it')
    const { incident } = declared
    const over = await card(slack, 'status-page', incident, /published by <@U0CY> at [\d:]+ UTC/)
    expect(over.reads).toContain('All is lost')
    expect(over.reads).not.toMatch(/^(Edit|Skip)$/m)
    await card(slack, 'checklist', incident, /✅ Update the status page: published by <@U0CY>/)
    const late = (label: string) =>
      told(bo, () => bo.click(INCIDENTS, before.ts, label, { seen: before.message }))
    expect(await late('Skip')).toMatch(/^This message was marked as published or skipped before/)
    expect(await late('Edit')).toMatch(/^This message was marked as published or skipped before/)
  })

  it('can be skipped, and the checklist asks for it no more', async ({ slack, bo }) => {
    const other = await declare(slack, bo)
    const first = await card(slack, 'status-page', other.incident)
    await bo.click(INCIDENTS, first.ts, 'Skip')
    await card(slack, 'status-page', other.incident, /skipped by <@U0BO>/)
    await card(slack, 'checklist', other.incident, /➖ Update the status page: skipped by <@U0BO>/)
    await closeIncident(bo, other.thread)
    await card(slack, 'headline', other.incident, /\*Closed\*/)
  })
})

describe('monitor', () => {
  let watch: Card

  it('watches by hand, once at a time', async ({ slack, ana, bo }) => {
    expect(await answerTo(ana, 'monitor')).toMatch(
      /^\*Production is watched from now on\.\* What is seen is shown here: <https?:/,
    )
    watch = await card(slack, 'watch-1', declared.incident, /Watching: not yet stable/)
    expect(watch.message['thread_ts']).toBe(declared.headline.ts)
    expect(await answerTo(bo, 'monitor')).toMatch(/^Production is being watched already/)
    await card(slack, 'watch-1', declared.incident, /Errors: 6\d/, 25_000)
  })

  it('is stopped by anybody, and watches again when asked', async ({ slack, ana, bo }) => {
    await bo.click(INCIDENTS, watch.ts, 'Stop watching')
    await card(slack, 'watch-1', declared.incident, /The watch was stopped at [\d:]+ UTC/)
    const late = await told(ana, () =>
      ana.click(INCIDENTS, watch.ts, 'Stop watching', { seen: watch.message }),
    )
    expect(late).toMatch(/^Nobody is watching production here/)
    await bo.mention(INCIDENTS, 'monitor', declared.headline.ts)
    await card(slack, 'watch-2', declared.incident, /Watching: not yet stable/)
    await card(slack, 'watch-1', declared.incident, /Watch 2 has taken its place/)
  })

  it('and abort says that only a run can be stopped', async ({ cy }) => {
    await cy.mention(INCIDENTS, 'abort', declared.headline.ts)
    const why = await cy.waitForEphemeral(({ text }) => text.startsWith('Nothing is being carried'))
    expect(words(why.blocks)).toMatch(/presses Deny on its card\.$/)
  })
})
