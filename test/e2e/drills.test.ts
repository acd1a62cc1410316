import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect } from 'vitest'
import { Score } from '../../src/domain/drill/score.ts'
import { it } from '../support/bot-story.ts'
import { ANA_DM, DRILLS, GUS, INCIDENTS, RANDOM } from '../support/slack/fixture.ts'
import { dicts, str } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled } from './journaled.ts'
import {
  answerTo,
  card,
  closeIncident,
  declare,
  planned,
  pressApprove,
  running,
  sign,
  told,
  V1,
  V2,
  words,
} from './reading.ts'
import type { Card, Declared } from './reading.ts'

const MARK = 'DRILL: simulated production'
const RUN_MS = 60_000

/** What the two of them are about. */
let real: Declared
let drill: Declared
let plan: Card

const drillCommand = (person: Person, line: string, channel = DRILLS) =>
  told(person, () => person.command(channel, `/rollback ${line}`))

const noted = (slack: Slack, key: RegExp, timeoutMs = 30_000): Promise<Dict> =>
  until(
    async () =>
      (await slack.chat.all(DRILLS)).find(({ blocks }) =>
        key.test(str(dicts(blocks)[0]?.['block_id'])),
      ),
    `a message ${String(key)} in the channel of the drills`,
    timeoutMs,
  )

describe('where drills are', () => {
  it('the incident channel, a direct message and any other channel are told where', async ({
    ana,
  }) => {
    for (const channel of [INCIDENTS, RANDOM, ANA_DM]) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const answer = await drillCommand(ana, 'drill errors-62', channel)
      expect(answer).toMatch(new RegExp(`Nothing was done\\. Go to <#${DRILLS}>`))
    }
  })

  it('a guest is told that guests cannot', async ({ slack }) => {
    expect(await drillCommand(slack.as(GUS), 'drill errors-62')).toMatch(/Guests cannot do this/)
  })

  it('the channel of the drills has no incidents of its own, and lists what there is', async ({
    ana,
  }) => {
    expect(await drillCommand(ana, 'assess')).toMatch(/No drill is running.*\/rollback drill any/)
    const list = await drillCommand(ana, 'drill')
    expect(list).toMatch(/drill errors-62[^]*Most pages end in an error\.[^]*--fault lost-reply/)
    expect(list).toContain(MARK)
    expect(await drillCommand(ana, 'drill eror-62')).toMatch(/Did you mean errors-62\?/)
    expect(await drillCommand(ana, 'drill stop')).toMatch(/No drill is running\./)
    expect(await drillCommand(ana, 'drill scores')).toMatch(/No drill has ended yet/)
  })
})

describe('a drill beside a real incident', () => {
  it('begins while the other goes on, and says that it is one', async ({ slack, ana, bo }) => {
    real = await declare(slack, ana)
    expect(await drillCommand(bo, 'drill errors-62 --fault lost-reply')).toMatch(/has begun/)
    const begun = await noted(slack, /^drill-started:/)
    expect(words(begun['blocks'])).toMatch(/Most pages end in an error\.[^]*<@U0BO>/)
    expect(await drillCommand(bo, 'drill healthy')).toMatch(/A drill is running already/)
    drill = await declare(slack, ana, undefined, DRILLS)
    expect(drill.incident).toMatch(/^drill-\d{8}-/)
    expect(drill.spoken).toMatch(/^DRILL: simulated production\. drill: Roll back: /)
  })

  it('a press on its card, sent with the id of the other channel, is refused there', async ({
    slack,
    bot,
    ana,
    bo,
  }) => {
    plan = await planned(slack, ana, drill, DRILLS)
    const approve = dicts(plan.message['blocks'])
      .flatMap((block) => dicts(block['elements']))
      .find((element) => element['action_id'] === 'approve-plan')
    const press = (channel: string, value: string) =>
      pressApprove(slack, bo, { channel, ts: plan.ts, value })
    const value = str(approve?.['value'])
    expect(value).toContain(drill.incident)
    expect(await press(INCIDENTS, value)).toMatch(/^There is no incident\./)
    const other = value.replace(drill.incident, real.incident)
    expect(await press(DRILLS, other)).toMatch(/^🎓[^]*There is no incident\./)
    expect(journaled(bot, real.incident).map(({ type }) => type)).not.toContain('plan-approved')
  })

  it('two people sign it as in reality, and production itself is not touched', async ({
    slack,
    ana,
    bo,
    cy,
  }) => {
    expect(
      await told(ana, () => ana.click(DRILLS, plan.ts, 'Approve', { seen: plan.message })),
    ).toMatch(/You asked for this plan/)
    await sign(slack, bo, plan, DRILLS)
    await sign(slack, cy, plan, DRILLS)
    await card(slack, 'run-1', drill.incident, /was carried out/, RUN_MS, DRILLS)
    expect(await running(ana)).toEqual(V2)
    const answer = await drillCommand(ana, 'deployments')
    expect(answer).toContain(MARK)
    expect(answer).toMatch(new RegExp(`Runs ${V1.backend}`))
  }, 90_000)

  it('ends when it is closed; its score comes into its channel', async ({ slack, bot, ana }) => {
    const canClose = /Close incident/
    await card(slack, 'thread-card', drill.incident, canClose, RUN_MS, DRILLS)
    await closeIncident(ana, drill.thread, DRILLS)
    const score = await noted(slack, /^drill-ended:/, 60_000)
    const reads = words(score['blocks'])
    expect(reads).toMatch(/^🎓 \*DRILL: simulated production/)
    expect(reads).toMatch(
      /The decision was right\.\* Here a rollback was right; it was rolled back/,
    )
    expect(reads).toMatch(/Until it was signed: people \*[\d ]+s\*; Backout 0 s/)
    expect(reads).toMatch(/Until its run ended: people \*0 s\*; Backout \d+ s/)
    expect(reads).toMatch(/Signatures:\*[^]*• <@U0BO> after[^]*• <@U0CY> after/)
    expect(reads).toMatch(/Overlooked[^]*It was closed before production was seen stable\./)
    const kept = JSON.parse(readFileSync(join(drillsOf(bot), 'drills.json'), 'utf8')) as {
      scores: unknown[]
      running: unknown
    }
    expect(kept.running).toBeNull()
    expect(Score.parse(kept.scores[0])).toMatchObject({ decision: 'right', end: 'closed' })
    expect(await drillCommand(ana, 'drill scores')).toMatch(/errors-62.* with lost-reply/)
    expect(await drillCommand(ana, 'assess')).toMatch(/No drill is running/)
    const late = await told(ana, () => ana.click(DRILLS, drill.thread.ts, 'Reopen'))
    expect(late).toMatch(/No drill is running/)
  }, 90_000)

  it('nothing of one appears in the other: no card, no event, no message without its mark', async ({
    slack,
    bot,
    ana,
  }) => {
    const drillMessages = await slack.chat.all(DRILLS)
    const realMessages = await slack.chat.all(INCIDENTS)
    const ours = (message: Dict) => message['user'] !== ana.id && message['blocks'] !== undefined
    for (const message of drillMessages.filter(ours)) {
      expect(str(message['text'])).toMatch(/^DRILL: simulated production/)
      expect(words(dicts(message['blocks'])[0])).toContain(MARK)
      expect(JSON.stringify(message)).not.toContain(real.incident)
    }
    expect(drillMessages.length).toBeGreaterThan(8)
    for (const message of realMessages) {
      expect(JSON.stringify(message)).not.toMatch(/drill-2|simulated production/)
    }
    expect(journaled(bot, drill.incident)).toEqual([])
    expect(countOf(journaled(bot, real.incident), 'incident-declared')).toBe(1)
    expect(await answerTo(ana, 'status')).not.toContain('drill-')
    expect(readdirSync(drillsOf(bot)).filter((name) => name.startsWith('drill-'))).toHaveLength(1)
  })
})

function drillsOf({ journal }: { readonly journal: string }): string {
  return join(dirname(journal), 'drills')
}
