import { expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { runBackout } from '../support/bot.ts'
import { answerTo, card, closeIncident, declare } from './reading.ts'

it('the report of an incident is written from the journal while the bot runs, and after', async ({
  slack,
  bot,
  ana,
  cy,
}) => {
  const { incident } = await declare(slack, ana)
  await answerTo(cy, 'lead')
  const whileOpen = await runBackout(['report', incident, '--journal', bot.journal])
  expect(whileOpen).toMatchObject({ code: 0 })
  expect(whileOpen.output).toMatch(/\*\*Duration:\*\* it is open/)
  expect(whileOpen.output).toMatch(/\*\*Lead:\*\* U0CY/)

  const thread = await card(slack, 'thread-card', incident, /Close incident/)
  await closeIncident(ana, thread)
  await card(slack, 'headline', incident, /\*Closed\*/)
  const { code, output } = await runBackout(['report', incident, '--journal', bot.journal])
  expect(code).toBe(0)
  expect(output).toMatch(/^# Incident report: /)
  expect(output).toMatch(/^\| [\d-]{10} [\d:]{8} \| U0ANA closed the incident: resolved \|$/m)
  expect(output).toMatch(/^- \d\d:\d\d:\d\d UTC - Incident resolved$/m)

  expect(await runBackout(['report', 'nobody', '--journal', bot.journal])).toMatchObject({
    code: 1,
    output: expect.stringContaining('There is no incident nobody'),
  })
  expect(await runBackout(['report'])).toMatchObject({
    code: 1,
    output: expect.stringContaining('report: of which incident?'),
  })
})
