import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBot, startDemoSlack, type Bot } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import {
  answerTo,
  card,
  declare,
  opened,
  planned,
  running,
  sign,
  V1,
  V2,
  words,
  type Declared,
} from './reading.ts'

let slack: Slack
let bot: Bot
let declared: Declared
let [ana, bo, cy]: Person[] = []

beforeAll(async () => {
  slack = await startDemoSlack()
  bot = await startBot({ slack, scenario: 'errors-62', platform: 'docker' })
  ;[ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  declared = await declare(slack, ana)
})

afterAll(async () => {
  await bot.stop()
  await slack.stop()
})

describe('the services run as containers', () => {
  it('what runs is told in the words of containers, with what ran before', async () => {
    const says = await answerTo(ana!, '/rollback deployments')
    expect(says).toMatch(/Its one container is ready\./)
    expect(says).toMatch(/Runs v2\.0\.0\. Before: v1\.9\.0, v1\.8\.3\./)
    expect(says).not.toMatch(/\bpods?\b/)
  })

  it('whether the way back would work is answered before anybody plans it, shown at home, and counted', async () => {
    const says = await answerTo(ana!, 'readiness')
    expect(says).toMatch(/docker:\* ready, backend and frontend back to v1\.9\.0/)
    expect(says).toMatch(/Images: .*is on the host and in its registry/)
    expect(says).toMatch(/Who signs: 3 approvers can sign/)
    await ana!.openHome()
    await ana!.home((view) => /Would each way back work/.test(words(view['blocks'])))
    const metrics = await (await fetch(`${bot.url}/metrics`)).text()
    expect(metrics).toMatch(/^backout_readiness\{procedure="docker"\} 1$/m)
    expect(metrics).toMatch(/^backout_readiness_age_seconds\{procedure="docker"\} \d/m)
    expect(await running(ana!)).toEqual(V2)
  })

  it('the plan names the target, why, what is kept, and how it is undone', async () => {
    const { reads, spoken } = await planned(slack, ana!, declared)
    expect(spoken).toMatch(/^Plan 1 for production: backend and frontend back to v1\.9\.0\./)
    expect(reads).toMatch(/\*backend\*: v2\.0\.0 → \*v1\.9\.0 \(1 container on shop-1\)\*/)
    expect(reads).toMatch(
      /backend and frontend: v1\.9\.0 is the newest other version that ran healthy/,
    )
    expect(reads).toMatch(/keeps its volume pipeshub_\u200b?uploads at/)
    expect(reads).toMatch(/Can it be undone:\* Yes/)
    expect(reads).not.toMatch(/\bpods?\b|Deployment/)
    expect(await running(ana!)).toEqual(V2)
  })

  it('two signatures swap the containers, and production is watched', async () => {
    const { incident } = declared
    await sign(slack, bo!, await card(slack, 'plan-1', incident))
    await sign(slack, cy!, await card(slack, 'plan-1', incident))
    const done = await card(slack, 'run-1', incident, /was carried out/, 60_000)
    expect(done.reads).toMatch(/backend runs v1\.9\.0 on shop-1/)
    expect(await running(ana!)).toEqual(V1)
    await card(slack, 'watch-1', incident, /Not yet stable/)
  }, 90_000)

  it('Undo brings back what ran, from what was kept of it', async () => {
    const { incident } = declared
    const run = await card(slack, 'run-1', incident)
    await ana!.click(INCIDENTS, run.ts, 'Undo')
    const plan = await card(slack, 'plan-2', incident, /0 of 2/)
    await sign(slack, bo!, plan)
    await sign(slack, cy!, await card(slack, 'plan-2', incident))
    await card(slack, 'run-2', incident, /was carried out/, 60_000)
    expect(await running(ana!)).toEqual(V2)
  }, 90_000)

  it('closed, the headline names what is still kept for a way back, and what removes it', async () => {
    const { incident, thread } = declared
    // While something is carried out, nothing is closed.
    await card(slack, 'thread-card', incident, /Close incident/)
    const form = await opened(bo!, thread, 'Close incident', 'close-incident')
    expect(words(form['blocks'])).toMatch(/Kept since plan 2.*the containers that were replaced/)
    await bo!.submit({ outcome: 'resolved' })
    const { reads } = await card(slack, 'headline', incident, /\*Closed\*/)
    expect(reads).toMatch(/Kept since plan 2 for a way back: the containers.*tidy-up/)
  })
})
