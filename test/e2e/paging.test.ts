import { afterAll, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { shippedSettings } from '../support/bot.ts'
import { CREDENTIALS, startPagerServer } from '../support/pager-server.ts'
import { ANA_DM, INCIDENTS } from '../support/slack/fixture.ts'
import { str } from '../support/slack/json.ts'
import { until } from '../support/slack/waiting.ts'
import { card, closeIncident, declare, planned, words, type Declared } from './reading.ts'

/** The pager that this file's bot calls. */
const pager = await startPagerServer()
afterAll(() => pager[Symbol.asyncDispose]())

const settings = `${shippedSettings({
  // Soon: a call comes with a tick, every ten seconds.
  '{ afterMinutes: 2, tell: [] }': '{ afterMinutes: 0.01, tell: [] }',
})}
paging:
  pagerduty: { eventsUrl: "${pager.at.events}", apiUrl: "${pager.at.rest}" }
  occasions: { signatureMissing: 1 }
  directMessages: true
`

it.override('told', {
  scenario: 'errors-62',
  settings,
  env: {
    BACKOUT_PAGERDUTY_ROUTING_KEY: CREDENTIALS.routingKey,
    BACKOUT_PAGERDUTY_API_TOKEN: CREDENTIALS.apiToken,
  },
})

let declared: Declared

it('a critical incident calls once, with a link to its thread, and the headline says so', async ({
  slack,
  bo,
}) => {
  declared = await declare(slack, bo)
  const { incident } = declared
  await card(
    slack,
    'headline',
    incident,
    /\*Paged:\* accepted by PagerDuty [\d:]+ UTC, nobody has acknowledged/,
  )
  await card(
    slack,
    'checklist',
    incident,
    /⬜ Alert on-call: accepted by PagerDuty .* Tick it once somebody has answered/,
  )
  expect(pager.rings).toEqual([`${incident}:declared`])
  expect(pager.alert(`${incident}:declared`)?.summary).toMatch(/^production: /)
  expect(pager.bodies.at(-1)).toMatch(/"links":\[\{"href":"http[^"]+\/p\d+/)
})

it('who takes it is told to the pager', async ({ slack, bo }) => {
  const { incident, thread } = declared
  await bo.click(INCIDENTS, thread.ts, 'I have it')
  await card(slack, 'headline', incident, /accepted by PagerDuty [\d:]+ UTC, <@U0BO> has it since/)
  await until(() => pager.alert(`${incident}:declared`)?.state === 'acknowledged', 'it to be told')
})

it('whoever can sign is asked by direct message', async ({ slack, ana, bo }) => {
  await planned(slack, bo, declared)
  const asked = await ana.waitForMessage(
    ANA_DM,
    ({ text }) => /your signature/.test(str(text)),
    20_000,
  )
  const reads = words(asked['blocks'])
  expect(reads).toMatch(
    /Plan 1 for production waits for your signature: backend and frontend back to v1\.9\.0/,
  )
  expect(reads).toMatch(/<http[^|]+\|read its card>/)
  const { incident } = declared
  await until(() => pager.rings[1], 'the call for it')
  expect(pager.rings).toEqual([`${incident}:declared`, `${incident}:signatures-1`])
})

it('whoever answers a call in the pager is named', async ({ slack }) => {
  const { incident } = declared
  pager.answer(`${incident}:signatures-1`, 'Cy Example', new Date().toISOString())
  await card(slack, 'headline', incident, /acknowledged there by Cy Example/, 60_000)
}, 70_000)

it('closed: the pager is told that all of it is over', async ({ slack, bo }) => {
  const { incident } = declared
  await closeIncident(bo, await card(slack, 'thread-card', incident))
  await card(slack, 'headline', incident, /\*Closed\*/)
  await until(() => pager.alerts.every(({ state }) => state === 'closed'), 'all to be resolved')
  expect(pager.rings).toHaveLength(2)
  expect(pager.objections).toEqual([])
})
