import { expect, test } from 'vitest'
import { dataFolder, startBot, startDemoSlack } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import type { Slack } from '../support/slack/slack.ts'
import { dicts, str } from '../support/slack/json.ts'
import { answerTo, card, closeIncident, declare, planned, sign } from './reading.ts'

/** The pictures in a thread, as local-slack keeps them. */
async function picturesIn(slack: Slack, thread: string) {
  const messages = await slack.chat.all(INCIDENTS)
  return messages
    .filter((message) => message['thread_ts'] === thread)
    .flatMap((message) => dicts(message['files']))
    .filter((file) => str(file['name']).endsWith('.png'))
}

test('after a rollback the picture stands in the thread, once, whatever restarts', async () => {
  const slack = await startDemoSlack()
  const data = dataFolder()
  let bot = await startBot({ slack, scenario: 'errors-62', data })
  try {
    const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
    const declared = await declare(slack, ana)
    const { incident, headline } = declared
    await planned(slack, ana, declared)
    await sign(slack, bo, await card(slack, 'plan-1', incident))
    await sign(slack, cy, await card(slack, 'plan-1', incident))
    await card(slack, 'run-1', incident, /was carried out/, 40_000)
    expect(await picturesIn(slack, headline.ts)).toEqual([])

    const thread = await card(slack, 'thread-card', incident, /Close incident/)
    await closeIncident(ana, thread)
    const [file] = await until(async () => {
      const files = await picturesIn(slack, headline.ts)
      return files.length > 0 && files
    }, 'the picture')
    expect(str(file?.['name'])).toMatch(new RegExp(`^${incident}-chart-\\d+\\.png$`))
    expect(str(file?.['title'])).toMatch(/^\d\d:\d\d UTC: The incident is closed$/)
    await card(slack, 'watch-1', incident, /The picture of [\d:]+ UTC is in this thread/)
    const png = await fetch(str(file?.['url_private']), {
      headers: { authorization: `Bearer ${slack.workspace.app.botToken}` },
    })
    const bytes = Buffer.from(await png.arrayBuffer())
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    expect(bytes.readUInt32BE(16)).toBe(1200)

    await bot.kill()
    bot = await startBot({ slack, scenario: 'errors-62', data })
    // What it has to look through at its start, it has looked through when it answers.
    await card(slack, 'thread-card', incident, /Backout was restarted|Closed|closed/)
    await answerTo(ana, 'history')
    expect(await picturesIn(slack, headline.ts)).toHaveLength(1)
  } finally {
    await bot.stop()
    await slack.stop()
  }
}, 120_000)
