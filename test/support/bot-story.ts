import { onTestFailed, test } from 'vitest'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { startBot, startDemoSlack, startSimulatedBot } from './bot.ts'
import { ANA, BO, CY } from './slack/fixture.ts'

type Told = {
  readonly scenario: ScenarioName
  /** Other ones than the demo's. */
  readonly settings: string | null
  /** Variables beside those of its Slack. */
  readonly env?: Readonly<Record<string, string>>
}

const usually: Told = { scenario: 'errors-62', settings: null }

/**
 * A Slack, the bot in it, and three people: the same ones for all tests of a file, which tell one story.
 * A test that fails says what the bot said.
 */
export const it = test
  .extend('told', { scope: 'file' }, usually)
  // oxlint-disable-next-line no-empty-pattern -- vitest reads from it what a fixture needs
  .extend('slack', { scope: 'file' }, async ({}, { onCleanup }) => {
    const slack = await startDemoSlack()
    onCleanup(() => slack.stop())
    return slack
  })
  .extend('bot', { scope: 'file', auto: true }, async ({ slack, told }, { onCleanup }) => {
    const { scenario, settings, env = {} } = told
    const bot = settings
      ? await startSimulatedBot({ slack, scenario, settings, env })
      : await startBot({ slack, scenario })
    onCleanup(() => bot.stop())
    return bot
  })
  .extend('ana', { scope: 'file' }, ({ slack }) => slack.as(ANA))
  .extend('bo', { scope: 'file' }, ({ slack }) => slack.as(BO))
  .extend('cy', { scope: 'file' }, ({ slack }) => slack.as(CY))
  .extend('tellsOnFailure', { auto: true }, ({ bot }) => {
    onTestFailed(() => console.error(`The bot said:\n${lastLinesOf(bot.output())}`))
  })

function lastLinesOf(output: string): string {
  return output.split('\n').slice(-20).join('\n')
}
