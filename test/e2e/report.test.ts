import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { runBackout } from '../support/bot.ts'
import { INCIDENTS, RANDOM } from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { answerTo, card, closeIncident, declare, words } from './reading.ts'

describe('the report of an incident', () => {
  it('is written from the journal while the bot runs, and after', async ({
    slack,
    bot,
    ana,
    cy,
  }) => {
    const { incident } = await declare(slack, ana)
    await answerTo(cy, 'lead')
    const report = ['report', incident, '--journal', bot.journal]
    const whileOpen = await runBackout(report)
    expect(whileOpen).toMatchObject({ code: 0 })
    expect(whileOpen.output).toMatch(/\*\*Duration:\*\* it is open/)
    expect(whileOpen.output).toMatch(/\*\*Lead:\*\* U0CY/)

    const thread = await card(slack, 'thread-card', incident, /Close incident/)
    await closeIncident(ana, thread)
    await card(slack, 'headline', incident, /\*Closed\*/)
    await card(slack, 'thread-card', incident, /The report was written/)
    const { code, output } = await runBackout(report)
    expect(code).toBe(0)
    expect(output).toMatch(/^# Incident report: /)
    expect(output).toMatch(/^\| [\d-]{10} [\d:]{8} \| U0ANA closed the incident: resolved \|$/m)
    expect(output).toMatch(/^- \d{4}-\d\d-\d\d \d\d:\d\d UTC - Incident resolved$/m)

    const data = dirname(bot.journal)
    const kept = join(data, 'evidence', incident)
    const [folder = ''] = await until(() => foldersWithReport(kept), 'the folder of the report')
    expect(readFileSync(join(kept, folder, 'report.md'), 'utf8')).toMatch(/^# Incident report: /)
    expect(readFileSync(join(kept, folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/)

    const { ts } = await card(slack, 'headline', incident, /\*Closed\*/)
    const name = `${incident}-report-1.md`
    await until(async () => (await filesIn(slack, ts)).includes(name), 'the report in the thread')
    await answerTo(cy, `report ${incident}`)
    const again = `${incident}-report-2.md`
    await until(async () => (await filesIn(slack, ts)).includes(again), 'the second report')
    expect((await filesIn(slack, ts)).filter((one) => one.endsWith('.md'))).toEqual([name, again])

    const into = join(data, 'all-of-it')
    expect(await runBackout([...report, '--folder', into])).toMatchObject({ code: 0 })
    expect(readdirSync(into)).toContain('manifest.json')
    expect(await runBackout([...report, '--folder', into])).toMatchObject({ code: 1 })

    expect(await runBackout(['report', 'nobody', '--journal', bot.journal])).toMatchObject({
      code: 1,
      output: expect.stringContaining('There is no incident nobody'),
    })
    expect(await runBackout(['report'])).toMatchObject({
      code: 1,
      output: expect.stringContaining('report: of which incident?'),
    })
  })

  it('has what somebody said elsewhere, at the time that they give where they are', async ({
    slack,
    bot,
    ana,
    bo,
  }) => {
    const { incident } = await declare(slack, ana)
    const said = await ana.say(RANDOM, 'A customer calls: nobody can log in')
    await bo.shortcut('add-to-timeline', { channel: RANDOM, ts: str(said['ts']) })
    await bo.modal()
    expect(await bo.submit({ time: 'half past two' })).toMatchObject({
      errors: { time: expect.stringMatching(/Type it like/) },
    })
    await bo.submit({ time: '2026-01-15 08:30' })
    const check = await until(async () => {
      const view = words((await bo.modal())['blocks'])
      return view.includes('which is') ? view : undefined
    }, 'the second form')
    expect(check).toContain(
      '2026-01-15 08:30 in Europe/Lisbon (UTC+00:00)*, which is 2026-01-15 08:30 UTC',
    )
    await bo.submit()
    await card(
      slack,
      'thread-card',
      incident,
      /A customer calls: nobody can log in \(added by <@U0BO>\)/,
    )
    const { output } = await runBackout(['report', incident, '--journal', bot.journal])
    expect(output).toMatch(
      /^\| 2026-01-15 08:30:00 \| A customer calls: nobody can log in \(added by U0BO/m,
    )
  })
})

/** The names of the files in the thread, in their order. */
async function filesIn(slack: Slack, thread: string): Promise<readonly string[]> {
  const messages = await slack.chat.all(INCIDENTS)
  return messages
    .filter((message) => message['thread_ts'] === thread)
    .flatMap((message) => dicts(message['files']))
    .map(({ name }) => str(name))
}

function foldersWithReport(kept: string): readonly string[] | undefined {
  const found = readdirSync(kept, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('manifest.json'))
    .map((name) => dirname(name))
    .filter((name) => readdirSync(join(kept, name)).includes('report.md'))
  return found.length > 0 ? found : undefined
}
