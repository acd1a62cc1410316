import { expect, onTestFinished, test } from 'vitest'
import { dataFolder, startBot, startDemoSlack } from '../support/bot.ts'
import { ANA, BO, CY, DRILLS, INCIDENTS } from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import { until } from '../support/slack/waiting.ts'
import { card, cards, declare, planned, running, sign, told, V2, words } from './reading.ts'

const RUN_MS = 60_000

test('killed in the middle of a drill, the next process ends it, and the real incident goes on', async () => {
  const slack = await startDemoSlack()
  onTestFinished(() => slack.stop())
  const [ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  const data = dataFolder()
  const first = await startBot({ slack, scenario: 'errors-62', data })
  onTestFinished(() => first.kill())
  const real = await declare(slack, ana)
  const type = (line: string) => told(ana, () => ana.command(DRILLS, `/rollback ${line}`))
  await type('drill complete-outage')
  const drill = await declare(slack, ana, undefined, DRILLS)
  const plan = await planned(slack, ana, drill, DRILLS)
  await sign(slack, bo, plan, DRILLS)
  await sign(slack, cy, plan, DRILLS)
  await card(slack, 'run-1', drill.incident, /Return backend/, RUN_MS, DRILLS)
  await first.kill()

  await using second = await startBot({ slack, scenario: 'errors-62', data })
  const ended = await until(
    async () =>
      (await slack.chat.all(DRILLS)).filter(({ blocks }) =>
        str(dicts(blocks)[0]?.['block_id']).startsWith('drill-ended:'),
      )[0],
    'the second process to say that it ended',
    30_000,
  )
  expect(words(ended['blocks'])).toMatch(
    /Backout was started anew, and the simulated production was gone with the process\./,
  )
  expect(words(ended['blocks'])).toMatch(/Until it was signed: people \*/)
  // What its cards still offer reaches nobody.
  const late = await told(ana, () => ana.click(DRILLS, drill.thread.ts, 'I have it'))
  expect(late).toMatch(/No drill is running/)
  const inThread = await told(ana, () => ana.mention(DRILLS, 'drill scores', drill.headline.ts))
  expect(inThread).toMatch(/complete-outage[^]*started anew/)
  expect(await type('drill healthy')).toMatch(/has begun/)
  const again = await declare(slack, ana, undefined, DRILLS)
  expect(again.incident).not.toBe(drill.incident)
  // The real one is where it was, with its own production.
  await ana.mention(INCIDENTS, 'plan', real.headline.ts)
  await card(slack, 'plan-1', real.incident, /0 of 2/)
  expect(await running(ana)).toEqual(V2)
  expect(await cards(slack, 'run-1', undefined, INCIDENTS)).toEqual([])
  expect(second.output()).not.toMatch(/"level":50/)
}, 180_000)
