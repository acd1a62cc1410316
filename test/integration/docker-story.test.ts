import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { z } from 'zod'
import { SCOPES } from '../../src/chat/scopes.ts'
import { answerTo, card, declare, sign, type Declared } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { missingAllowed } from '../servers/find.ts'
import { freshFolder } from '../servers/spawn.ts'
import { startConfiguredBot, type Bot } from '../support/bot.ts'
import { dockerOf, startComposeShop, type ComposeShop } from '../support/compose-shop.ts'
import { BAD, GOOD, SERVICES } from '../support/production.ts'
import { ANA, APPROVERS, BO, CY, INCIDENTS, pipeshub } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import { startSlack, type Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'

describe.skipIf(missingAllowed('docker'))('a compose project on a real Engine', () => {
  const stack = new AsyncDisposableStack()
  let shop: ComposeShop
  let slack: Slack
  let bot: Bot
  let declared: Declared
  let people: { readonly ana: Person; readonly bo: Person; readonly cy: Person }
  let others: readonly string[] = []
  tellOnFailure(() => bot)

  beforeAll(async () => {
    shop = stack.use(await startComposeShop())
    slack = stack.adopt(await startSlack({ ...pipeshub(), scopes: Object.keys(SCOPES) }), (one) =>
      one.stop(),
    )
    slack.group(APPROVERS).gains(CY)
    const { botToken, appToken } = slack.workspace.app
    const data = stack.use(await freshFolder('data')).path
    const { urls } = shop
    bot = await startConfiguredBot({
      data,
      env: { SLACK_BOT_TOKEN: botToken, SLACK_APP_TOKEN: appToken, SLACK_API_URL: slack.apiUrl },
      settings: stringify({
        environment: 'production',
        slack: { channels: [INCIDENTS] },
        services: SERVICES.map((name) => ({ name, url: urls[name] })),
        approval: { groups: [APPROVERS], readSeconds: 0 },
        procedures: {
          docker: dockerOf(shop),
          full: { stop: ['backend'] },
        },
      }),
    })
    people = { ana: slack.as(ANA), bo: slack.as(BO), cy: slack.as(CY) }
    others = await shop.othersNow()
  })
  afterAll(async () => {
    await bot?.stop()
    await stack.disposeAsync()
  })

  const carriedOut = async (number: number): Promise<string> => {
    const { incident } = declared
    const plan = await card(slack, `plan-${number}`, incident, /0 of 2/, 20_000)
    await sign(slack, people.ana, plan)
    await sign(slack, people.bo, await card(slack, `plan-${number}`, incident))
    const ended = /was carried out|failed|was not begun|was stopped/
    const { reads } = await card(slack, `run-${number}`, incident, ended, 60_000)
    expect(reads).toMatch(/was carried out/)
    return reads
  }

  test('what ran before the bad release is known, because it was seen running', async () => {
    await until(async () => {
      const says = await answerTo(people.cy, 'deployments')
      return says.includes(`Runs ${GOOD}.`) && says.includes('Newest change: v1.9.0')
    }, 'the first release to be recorded')
    await shop.up(BAD)
    await until(async () => (await shop.versionOf('backend')) === BAD, 'the bad release to run')
    declared = await declare(slack, people.cy)
    const says = await answerTo(people.cy, 'deployments')
    expect(says).toMatch(/Runs v2\.0\.0\. Before: v1\.9\.0\./)
  })

  test('a rollback asked for by its version swaps both services and nothing else', async () => {
    await people.cy.command(INCIDENTS, `/rollback plan docker --to ${GOOD}`)
    const reads = await carriedOut(1)
    expect(reads).toMatch(/backend runs v1\.9\.0 on shop-1; frontend runs v1\.9\.0 on shop-1/)
    expect([await shop.versionOf('backend'), await shop.versionOf('frontend')]).toEqual([
      GOOD,
      GOOD,
    ])
    expect(await shop.othersNow()).toEqual(others)
    const kept = (await shop.containers()).filter(({ Labels }) => Labels['backout.role'] === 'kept')
    expect(kept.map(({ State, Image }) => `${State} ${Image.split(':')[0]}`)).toHaveLength(2)
    expect(kept.every(({ State }) => State === 'created')).toBe(true)
  })

  test('the next `up -d` of the unchanged file leaves it alone', async () => {
    const before = await shop.idsOf(SERVICES)
    await shop.say('up', '-d')
    expect(await shop.idsOf(SERVICES)).toEqual(before)
    expect(await shop.versionOf('backend')).toBe(GOOD)
  })

  test('Undo brings the newer version back, and the file still fits it', async () => {
    const run = await card(slack, 'run-1', declared.incident)
    await people.cy.click(INCIDENTS, run.ts, 'Undo')
    await carriedOut(2)
    expect([await shop.versionOf('backend'), await shop.versionOf('frontend')]).toEqual([BAD, BAD])
    const before = await shop.idsOf(SERVICES)
    await shop.say('up', '-d')
    expect(await shop.idsOf(SERVICES)).toEqual(before)
    expect(await shop.othersNow()).toEqual(others)
  })

  test('a restart starts the same containers again, one after another', async () => {
    const before = await shop.idsOf(['backend'])
    await people.cy.command(INCIDENTS, '/rollback restart backend')
    await carriedOut(3)
    expect(await shop.idsOf(['backend'])).toEqual(before)
  })

  test('scaled down it is stopped and stays, and undo starts it again', async () => {
    await people.cy.command(INCIDENTS, '/rollback scale-down backend')
    await carriedOut(4)
    expect((await shop.idsOf(['backend']))[0]).toMatch(/ exited$/)
    const run = await card(slack, 'run-4', declared.incident)
    await people.cy.click(INCIDENTS, run.ts, 'Undo')
    await carriedOut(5)
    expect((await shop.idsOf(['backend']))[0]).toMatch(/ running$/)
    expect(await shop.versionOf('backend')).toBe(BAD)
  })

  test('tidied up, nothing that was kept is left, and everything runs on', async () => {
    const before = [await shop.idsOf(SERVICES), await shop.othersNow()]
    await people.cy.command(INCIDENTS, '/rollback tidy-up')
    await carriedOut(6)
    expect(
      (await shop.containers()).filter(({ Labels }) => Labels['backout.role'] === 'kept'),
    ).toEqual([])
    expect([await shop.idsOf(SERVICES), await shop.othersNow()]).toEqual(before)
  })

  test('the whole takes a service back while it is stopped, and starts it as the next step', async () => {
    await people.cy.command(INCIDENTS, `/rollback plan full --to ${GOOD}`)
    const reads = await carriedOut(7)
    expect(reads).toMatch(/backend-1 on shop-1 is exited/)
    expect(reads).toMatch(/backend has v1\.9\.0 on shop-1, and is not started yet/)
    expect(reads).toMatch(/backend-1 on shop-1 is running/)
    expect([await shop.versionOf('backend'), await shop.versionOf('frontend')]).toEqual([
      GOOD,
      GOOD,
    ])
    expect(await shop.othersNow()).toEqual(others)
    const [backend = ''] = (await shop.idsOf(['backend'])).map((one) => one.split(' ', 1).join())
    const policy = { HostConfig: z.object({ RestartPolicy: z.object({ Name: z.string() }) }) }
    const { HostConfig } = z
      .object(policy)
      .parse(await shop.engine.must('GET', `/containers/${backend}/json`))
    expect(HostConfig.RestartPolicy.Name).toBe('unless-stopped')
    const before = await shop.idsOf(SERVICES)
    await shop.say('up', '-d')
    expect(await shop.idsOf(SERVICES)).toEqual(before)
  })

  test('and Undo takes it back in the same way', async () => {
    const run = await card(slack, 'run-7', declared.incident)
    await people.cy.click(INCIDENTS, run.ts, 'Undo')
    const reads = await carriedOut(8)
    expect(reads).toMatch(/backend has v2\.0\.0 on shop-1, and is not started yet/)
    expect([await shop.versionOf('backend'), await shop.versionOf('frontend')]).toEqual([BAD, BAD])
    expect(await shop.othersNow()).toEqual(others)
  })
})
