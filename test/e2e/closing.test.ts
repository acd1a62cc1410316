import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import { card, cards, closeIncident, declare, opened, told, words } from './reading.ts'

describe('what an incident is called', () => {
  it('is changed by anybody, and the headline and the timeline say so', async ({
    slack,
    ana,
    bo,
  }) => {
    const { incident, thread } = await declare(slack, ana)
    await opened(bo, thread, 'Edit', 'edit-incident')
    const { errors } = await bo.submit({ title: ' ' })
    expect(errors).toEqual({ title: 'An incident needs a title.' })
    const title = '*Checkout* fails <!channel>'
    await bo.submit({ title, severity: 'low', summary: 'Since lunch.' })
    const headline = await card(slack, 'headline', incident, /severity low/)
    expect(headline.spoken).toMatch(/severity low: \*Checkout\* fails/)
    expect(JSON.stringify(headline.message['blocks'])).not.toContain('*<!channel>')
    const changed = await card(slack, 'thread-card', incident, /changed the title, severity/)
    expect(changed.reads).toMatch(/<@U0BO> changed the title, severity, description/)
    expect(changed.reads).toMatch(/Reported:\* Since lunch\./)
  })
})

describe('closing', () => {
  it('says what is still open, and asks what the report asks', async ({ slack, ana, bo }) => {
    const { incident, thread } = await declare(slack, ana)
    const form = await opened(bo, thread, 'Close incident', 'close-incident')
    expect(words(form['blocks'])).toMatch(/Still open[^]*status page[^]*Not ticked: Alert on-call/)
    await expect(bo.submit({})).rejects.toThrow('is required')
    await bo.submit({ outcome: 'handed-on', revenue: '4,000 €', reportBy: ana.id })
    const closed = await card(slack, 'headline', incident, /\*Closed\*/)
    expect(closed.reads).toMatch(/Left open:[^]*Not ticked: Alert on-call/)
    const quiet = await card(slack, 'thread-card', incident, /closed the incident: not resolved/)
    expect(quiet.reads).not.toMatch(/Check again|Close incident|Edit/)
  })

  it('is done once: whoever sends the form later is told', async ({ slack, ana, bo }) => {
    const { incident, thread } = await declare(slack, ana)
    await opened(ana, thread, 'Close incident', 'close-incident')
    await opened(bo, thread, 'Close incident', 'close-incident')
    await ana.submit({ outcome: 'resolved' })
    await card(slack, 'headline', incident, /Closed [\d:]+ UTC by <@U0ANA>/)
    expect(await told(bo, () => bo.submit({ outcome: 'false-alarm' }))).toMatch(
      /^This incident is closed, so nothing was changed/,
    )
    const { reads } = await card(slack, 'thread-card', incident, /closed the incident/)
    expect(reads).toMatch(/<@U0ANA> closed the incident: resolved/)
    expect(reads).not.toMatch(/false alarm/)
  })
})

describe('reopening', () => {
  it('takes the incident up again: assessed anew, in the same thread', async ({
    slack,
    ana,
    bo,
  }) => {
    const { incident, thread } = await declare(slack, ana)
    await closeIncident(ana, thread)
    const closed = await card(slack, 'thread-card', incident, /closed the incident/)
    await bo.click(INCIDENTS, closed.ts, 'Reopen')
    const open = await card(slack, 'headline', incident, /\*Open\*[^]*Now:\*.*Roll back/)
    expect(await cards(slack, 'headline', incident)).toHaveLength(1)
    expect(open.reads).not.toMatch(/Closed/)
    const again = await card(slack, 'thread-card', incident, /<@U0BO> reopened the incident/)
    expect(again.reads).toMatch(/Check again/)
    const late = await told(ana, () =>
      ana.click(INCIDENTS, again.ts, 'Reopen', { seen: closed.message }),
    )
    expect(late).toMatch(/^This incident is open/)
    await closeIncident(ana, again)
    await card(slack, 'headline', incident, /\*Closed\*/)
  })
})
