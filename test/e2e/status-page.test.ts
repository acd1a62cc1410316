import { describe, expect } from 'vitest'
import { it as story } from '../support/bot-story.ts'
import { shippedSettings, startSimulatedBot } from '../support/bot.ts'
import { ANA_AGAIN, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { statusPageServer } from '../support/status-page-server.ts'
import { card, declare, planned, sign, told } from './reading.ts'
import type { Card, Declared } from './reading.ts'

const RUN_MS = 60_000

/** A status page that keeps to the documentation, and a bot that publishes there. */
const it = story
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from it what a fixture needs
  .extend('page', { scope: 'file' }, async ({}, { onCleanup }) => {
    const page = await statusPageServer()
    onCleanup(() => page.stop())
    return page
  })
  .extend('bot', { scope: 'file', auto: true }, async ({ slack, page }, { onCleanup }) => {
    const settings = shippedSettings({
      '  publishers: { users: [], groups: [] }': `  publishers: { users: [], groups: [] }
  statusPage:
    provider: statuspage
    page: ${page.page}
    apiUrl: ${page.url}
    components: { backend: c-backend, frontend: c-frontend }`,
    })
    const bot = await startSimulatedBot({
      slack,
      settings,
      env: { BACKOUT_STATUSPAGE_API_KEY: page.apiKey },
    })
    onCleanup(() => bot.stop())
    return bot
  })

let declared: Declared

const draft = (slack: Slack, reads: RegExp, ms?: number): Promise<Card> =>
  card(slack, 'status-page', declared.incident, reads, ms)

/** Presses Publish on the card of a stage, and waits until it leads to the page. */
async function publish(slack: Slack, by: Person, stage: string, ms?: number): Promise<Card> {
  const { ts } = await draft(slack, new RegExp(`^Status page: ${stage}$[^]*^Publish$`, 'm'), ms)
  await by.click(INCIDENTS, ts, 'Publish')
  return draft(slack, new RegExp(`Status page, ${stage}:\\* published by <@${by.id}>`))
}

describe('all of an incident is told to the public', () => {
  it('investigating: whoever may not publish is told so, and an edited text goes out', async ({
    slack,
    page,
    ana,
    bo,
  }) => {
    declared = await declare(slack, ana)
    const shown = await draft(slack, /Publish puts exactly this on the status page/)
    expect(shown.reads).toMatch(/Issue affecting some users[^]*No component is marked there/)
    const stranger = slack.as(ANA_AGAIN)
    const why = await told(stranger, () => stranger.click(INCIDENTS, shown.ts, 'Publish'))
    expect(why).toMatch(/^Only approvers, and those named under communication\.publishers/)
    await bo.click(INCIDENTS, shown.ts, 'Edit')
    await bo.modal()
    await bo.submit({ text: 'We look into it. <b>Soon</b> more: https://evil.example' })
    await draft(slack, /We look into it/)
    const late = await told(bo, () =>
      bo.click(INCIDENTS, shown.ts, 'Publish', { seen: shown.message }),
    )
    expect(late).toMatch(/^The text has changed since you saw it, so nothing was published/)
    expect(page.incidents).toEqual([])
    const published = await publish(slack, bo, 'investigating')
    expect(JSON.stringify(published.message)).toContain(
      '<https://stspg.example/p1|Read it on the status page>',
    )
    const body = page.incidents[0]?.incident_updates[0]?.body
    expect(body).toMatch(/^We look into it\. ‹b›Soon‹\/b› more: https:\u200B\/\/evil\.example$/)
    await card(slack, 'checklist', declared.incident, /✅ Update the status page: published by/)
  })

  it('identified, rolling back, monitoring: one incident, and an update for each', async ({
    slack,
    page,
    ana,
    bo,
    cy,
  }) => {
    const plan = await planned(slack, ana, declared)
    const known = await draft(slack, /Status page: identified/)
    expect(known.reads).toMatch(/Cause identified at[^]*Before, investigating: published by/)
    expect(known.reads).toMatch(/Marked there: backend: major outage, frontend: major outage/)
    await publish(slack, cy, 'identified')
    await sign(slack, bo, plan)
    await sign(slack, cy, plan)
    await publish(slack, ana, 'rolling back', RUN_MS)
    await publish(slack, ana, 'monitoring', RUN_MS)
    const [incident, ...others] = page.incidents
    expect(others).toEqual([])
    expect(incident?.incident_updates.map(({ status }) => status).toReversed()).toEqual([
      'investigating',
      'identified',
      'identified',
      'monitoring',
    ])
    expect(page.states).toEqual({ 'c-backend': 'major_outage', 'c-frontend': 'major_outage' })
  }, 150_000)

  it('what the page refuses is said, and published again when a person wants it', async ({
    slack,
    page,
    ana,
    bo,
  }) => {
    declared = await declare(slack, ana)
    page.next('write', { answer: 422, error: 'Incident cannot be created' })
    const { ts } = await draft(slack, /^Publish$/m)
    await bo.click(INCIDENTS, ts, 'Publish')
    const refused = await draft(slack, /Not published:\*? it refuses this \(HTTP 422\): Incident/)
    expect(refused.reads).toMatch(/^Publish again$[^]*^I have published it$[^]*^Edit$[^]*^Skip$/m)
    await bo.click(INCIDENTS, ts, 'Publish again')
    await draft(slack, /published by <@U0BO>/)
    expect(page.incidents).toHaveLength(2)
  })
})
