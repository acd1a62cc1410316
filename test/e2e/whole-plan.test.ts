import { expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { shippedSettings } from '../support/bot.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import { card, declare, planned, sign, words } from './reading.ts'

/** More keys than a card can name: what the step does is cut there. */
const PREFIXES = Array.from({ length: 700 }, (_, index) => `cache-of-service-${index}:`)
const SETTINGS = shippedSettings({
  'prefixes: ["cache:"]': `prefixes: ${JSON.stringify(PREFIXES)}`,
})

it.override('told', { scenario: 'errors-62', settings: SETTINGS })

it('opens whole, turns its pages, and can be signed by who has read it', async ({
  slack,
  ana,
  bo,
}) => {
  const declared = await declare(slack, ana)
  const plan = await planned(slack, ana, declared)
  expect(plan.reads).toContain('*Not all of the plan is on this card:* 1 text is shortened.')
  const page = async (number: number) =>
    until(async () => {
      const shown = words((await bo.modal())['blocks'])
      return shown.includes(`Page ${number} of 2`) ? shown : undefined
    }, `page ${number}`)
  await bo.click(INCIDENTS, plan.ts, 'Show all of it')
  const first = await page(1)
  await bo.modalClick('Next')
  const second = await page(2)
  const both = `${first}\n${second}`.replace(/\s+/g, ' ')
  for (const prefix of PREFIXES) expect(both).toContain(` ${prefix}`)
  await bo.modalClick('Back')
  expect(await page(1)).toBe(first)
  await sign(slack, bo, plan)
  expect((await card(slack, 'plan-1', declared.incident, /1 of 2/)).reads).toContain('• <@U0BO>')
})
