import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { dataFolder, startBot, startDemoSlack } from '../support/bot.ts'
import { sha256 } from '../support/contracts/evidence-store.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import type { Slack } from '../support/slack/slack.ts'
import { dicts, str, type Dict } from '../support/slack/json.ts'
import { answerTo, card, closeIncident, declare, planned, sign } from './reading.ts'

/** The files of that kind in a thread, as local-slack keeps them. */
async function filesIn(slack: Slack, thread: string, ending: '.png' | '.md') {
  const messages = await slack.chat.all(INCIDENTS)
  return messages
    .filter((message) => message['thread_ts'] === thread)
    .flatMap((message) => dicts(message['files']))
    .filter((file) => str(file['name']).endsWith(ending))
}

const picturesIn = (slack: Slack, thread: string) => filesIn(slack, thread, '.png')

async function bytesOf(slack: Slack, file: Dict | undefined): Promise<Buffer> {
  const answer = await fetch(str(file?.['url_private']), {
    headers: { authorization: `Bearer ${slack.workspace.app.botToken}` },
  })
  return Buffer.from(await answer.arrayBuffer())
}

/** The folder of the report of that incident, as soon as it is whole; each file held against the list. */
async function reportFolder(data: string, incident: string): Promise<string> {
  const kept = join(data, 'evidence', incident)
  const folder = await until(() => {
    const folders = readdirSync(kept).map((name) => join(kept, name))
    return folders.find((one) =>
      ['report.md', 'manifest.json'].every((n) => existsSync(join(one, n))),
    )
  }, 'the folder of the report')
  const { files } = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'))
  for (const { name, bytes, sha256: sum } of files) {
    const file = readFileSync(join(folder, name))
    expect([name, bytes, sum]).toEqual([name, file.length, sha256(file)])
  }
  return folder
}

test('after a rollback the picture stands in the thread, once, whatever restarts, and in the report', async () => {
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
    const bytes = await bytesOf(slack, file)
    expect(bytes.subarray(1, 4).toString()).toBe('PNG')
    expect(bytes.readUInt32BE(16)).toBe(1200)

    const folder = await reportFolder(data, incident)
    const png = readFileSync(join(folder, 'incident.png'))
    expect(png.subarray(0, 8).toString('hex')).toBe('89504e470d0a1a0a')
    const page = readFileSync(join(folder, 'report.html'), 'utf8')
    expect(page).toContain(`<img src="data:image/png;base64,${png.toString('base64')}" alt="Errors`)
    const markdown = readFileSync(join(folder, 'report.md'), 'utf8')
    expect(markdown).toMatch(/^!\[Errors .*\]\(incident\.png\)$/m)
    const [report] = await until(async () => {
      const files = await filesIn(slack, headline.ts, '.md')
      return files.length > 0 && files
    }, 'the report in the thread')
    const shown = (await bytesOf(slack, report)).toString()
    expect(shown).toMatch(/^Errors .*All times are UTC\.$/m)
    expect(shown).not.toContain('![')

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
