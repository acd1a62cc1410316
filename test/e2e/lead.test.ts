import { expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import { answerTo, card, declare, noted } from './reading.ts'

it('one person leads at a time, the headline says who, and the one before is told', async ({
  slack,
  bo,
  cy,
}) => {
  const declared = await declare(slack, cy)
  const { incident } = declared
  const offered = await card(slack, 'thread-card', incident, /I have it/)
  await bo.click(INCIDENTS, offered.ts, 'I have it')
  await card(slack, 'headline', incident, /\*Lead:\* <@U0BO> since/)
  await card(slack, 'thread-card', incident, /Take over the lead/)

  expect(await answerTo(cy, 'lead')).toMatch(/You lead this incident now/)
  await card(slack, 'headline', incident, /\*Lead:\* <@U0CY> since/)
  await noted(slack, declared, /leads this incident from here on, after <@U0BO>/)
  expect(await answerTo(cy, 'lead')).toMatch(/You lead this incident already/)
  expect(await answerTo(bo, 'status')).toMatch(/^Lead: <@U0CY>\.$/m)
})
