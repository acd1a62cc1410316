import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBot, startDemoSlack, type Bot } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { answerTo, assess, card, sign, type Card } from './reading.ts'

let slack: Slack
let bot: Bot
let assessed: Card
let [ana, bo, cy]: Person[] = []

beforeAll(async () => {
  slack = await startDemoSlack()
  bot = await startBot({ slack, scenario: 'data-corruption' })
  ;[ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
  assessed = await assess(slack, ana, '/rollback assess data-corruption')
})

afterAll(async () => {
  await bot.stop()
  await slack.stop()
})

const BACKUP = /es-\d{8}-\d{4}/

/** What a switch would mean, for each of the two collections. */
const LOSS =
  /projects: \d+ documents created and \d+ changed since the backup are set aside; \d+ documents deleted since come back\. organizations: /

async function restored(): Promise<Card> {
  return card(slack, 'run-1', assessed.incident, /Plan 1 was carried out/, 60_000)
}

async function signedByTwo(plan: 'plan-2' | 'plan-3'): Promise<void> {
  await sign(slack, bo!, await card(slack, plan, assessed.incident, /0 of 2/))
  await sign(slack, cy!, await card(slack, plan, assessed.incident, /1 of 2/))
}

describe('a release has corrupted data, and somebody has said so', () => {
  it('the answer is to roll back, by the way back that brings data back', () => {
    expect(assessed.spoken).toMatch(/^production: Roll back: data is lost or corrupt \(reported\)/)
    expect(assessed.reads).toMatch(/\*Way back:\* database/)
    expect(assessed.reads).not.toMatch(/consider the database/)
    expect(assessed.reads).not.toMatch(/A rollback of code brings no data back/)
  })

  it('the backups are listed with their age, and whether they were read whole', async () => {
    // What nobody has read yet is read by itself.
    const says = await until(async () => {
      const listed = await answerTo(ana!, 'backups')
      return !listed.includes('Not verified') && listed
    }, 'all of them to be read')
    expect(says).toMatch(/4 backups\. The newest verified one is 3 hours old\./)
    expect(says).toMatch(/\*Verified:\* es-\d{8}-\d{4}, \d+ kB, of .* \(3 hours ago\)/)
    expect(says).toMatch(/\*Verified:\* .*\(2 days ago\)/)
  })

  it('what is planned first is to restore beside: one person signs, and nothing is lost', async () => {
    const { incident } = assessed
    await ana!.click(INCIDENTS, assessed.ts, 'Declare incident')
    await card(slack, 'thread-card', incident, /declared the incident/)
    await ana!.command(INCIDENTS, '/rollback plan database')
    const plan = await card(slack, 'plan-1', incident, /0 of 1/)
    expect(plan.spoken).toMatch(
      /^Plan 1 for production: restore projects, organizations of es-\d{8}-\d{4} beside the live data\./,
    )
    expect(plan.reads).toMatch(/the newest verified backup from before backend v2\.0\.0/)
    expect(plan.reads).toMatch(/What is lost:\* Nothing: the live data is only read/)
    expect(plan.reads).toMatch(/Left as they are: users, documents/)
    await sign(slack, bo!, plan)
    const run = await restored()
    expect(run.reads).toMatch(/before-\S+ holds [\d,]+ documents, .*proved while it was written/)
    expect(run.reads).toMatch(/count, indexes, options and a hash of all documents are as in/)
    expect(run.reads).toMatch(LOSS)
    const headline = await card(slack, 'headline', incident, /Done: restore/)
    expect(headline.reads).toMatch(/\*Next:\* Prepare the switch, in the thread\./)
  }, 90_000)

  it('the switch is one press away; its card says the loss, and that it is set aside', async () => {
    const { incident } = assessed
    await ana!.click(INCIDENTS, (await restored()).ts, 'Prepare the switch')
    const plan = await card(slack, 'plan-2', incident, /0 of 2/)
    expect(plan.spoken).toMatch(
      /^Plan 2 for production: switch projects, organizations to es-\d{8}-\d{4}\./,
    )
    expect(plan.reads).toMatch(
      /What is lost:\* \d+ documents created and \d+ changed since the backup are set aside; .*Nothing of it is deleted/,
    )
    expect(plan.reads).toMatch(/collection projects\*: .*\n +\d+ documents created and \d+ changed/)
    expect(plan.reads).toMatch(/backend v2\.0\.0 came before the trouble and runs still/)
    expect(plan.reads).toMatch(/Can it be undone:\* Yes, until it is tidied up/)
    expect(plan.reads).toMatch(/Every other collection of es stays as it is/)
  })

  it('two signatures switch it: people are told, the service is stopped and started again', async () => {
    const { incident } = assessed
    await signedByTwo('plan-2')
    const run = await card(slack, 'run-2', incident, /Plan 2 was carried out/, 90_000)
    expect(run.reads).toMatch(/backend: no pod runs, as it is scaled to 0/)
    expect(run.reads).toMatch(/2 switched; what was live is kept\. The server refused the writes/)
    expect(run.reads).toMatch(/backend: 3 of 3 pods ready/)
    expect(run.reads).toMatch(/File uploads work: POST \/api\/login: HTTP 200 .*POST \/api\/files/)
    const headline = await card(slack, 'headline', incident, /Done: switch/)
    expect(headline.reads).toMatch(BACKUP)
    expect(headline.reads).toMatch(/\*Procedure:\* database/)
  }, 120_000)

  it('Undo switches back, as a plan that two people sign', async () => {
    const { incident } = assessed
    const run = await card(slack, 'run-2', incident, /was carried out/)
    await ana!.click(INCIDENTS, run.ts, 'Undo')
    const plan = await card(slack, 'plan-3', incident, /0 of 2/)
    expect(plan.reads).toMatch(/What is lost:\* What was written since plan 2 is set aside/)
    expect(plan.reads).toMatch(/What the bad release has damaged is live again/)
    await signedByTwo('plan-3')
    await card(slack, 'run-3', incident, /Plan 3 was carried out/, 90_000)
  }, 120_000)
})
