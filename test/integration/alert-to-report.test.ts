import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { card, opened, sign, type Card } from '../e2e/reading.ts'
import { tellOnFailure } from '../e2e/tell-on-failure.ts'
import { startAlertmanager, type AlertmanagerServer } from '../servers/alertmanager.ts'
import { missingAllowed, outsideAddress } from '../servers/find.ts'
import { openBrowser } from '../support/browser.ts'
import { runBackout, type Bot } from '../support/bot.ts'
import { startBotCluster, type BotCluster } from '../support/kubernetes.ts'
import { CREDENTIALS, startPagerServer, type PagerServer } from '../support/pager-server.ts'
import { BAD, releaseBadly, startProduction, type Production } from '../support/production.ts'
import { ANA, APPROVERS, BO, CY } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import { until } from '../support/slack/waiting.ts'
import { statusPageServer } from '../support/status-page-server.ts'

const needs = ['redis', 'prometheus', 'kubernetes', 'alertmanager'] as const
const skip = needs.some(missingAllowed) || outsideAddress('kubernetes') !== undefined
const namespace = 'production'
const token = 'a-token-for-the-alertmanager-of-production'

/** One night, from the alert to the report; Ana works in a browser. */
describe.skipIf(skip)('from an alert to the report, on real servers', () => {
  let bots: BotCluster
  let production: Production
  let pager: PagerServer
  let statusPage: Awaited<ReturnType<typeof statusPageServer>>
  let alertmanager: AlertmanagerServer
  let bot: Bot
  let browser: Browser
  let page: Page
  let ana: Person
  let bo: Person
  let cy: Person
  let incident: string
  const startsAt = new Date().toISOString()
  tellOnFailure(() => bot)

  beforeAll(async () => {
    ;[bots, pager, statusPage] = await Promise.all([
      startBotCluster(),
      startPagerServer(),
      statusPageServer(),
    ])
    const settings = {
      paging: { pagerduty: { eventsUrl: pager.at.events, apiUrl: pager.at.rest } },
      communication: {
        statusPage: {
          provider: 'statuspage',
          page: statusPage.page,
          apiUrl: statusPage.url,
          components: { backend: 'c-backend', frontend: 'c-frontend' },
        },
      },
    }
    const env = {
      BACKOUT_ALERTMANAGER_TOKEN: token,
      BACKOUT_PAGERDUTY_ROUTING_KEY: CREDENTIALS.routingKey,
      BACKOUT_PAGERDUTY_API_TOKEN: CREDENTIALS.apiToken,
      BACKOUT_STATUSPAGE_API_KEY: statusPage.apiKey,
    }
    production = await startProduction(bots, { namespace, prometheus: true, settings, env })
    const { slack } = production
    slack.group(APPROVERS).gains(CY)
    ;[ana, bo, cy] = [slack.as(ANA), slack.as(BO), slack.as(CY)]
    await releaseBadly(bots, namespace)
    await production.sees(BAD)
    bot = await production.startBot()
    const url = `${bot.url}/hooks/alertmanager`
    alertmanager = await startAlertmanager({ hook: { url, token }, groupBy: ['service'] })
    browser = await openBrowser()
    page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
    page.setDefaultTimeout(15_000)
    await page.goto(slack.pageUrl)
  })
  afterAll(async () => {
    await browser?.close()
    await alertmanager?.stop()
    await bot?.stop()
    await production?.[Symbol.asyncDispose]()
    await pager?.[Symbol.asyncDispose]()
    await statusPage?.stop()
    await bots?.[Symbol.asyncDispose]()
  })

  const message = (text: string | RegExp): Locator => page.locator('.msg').filter({ hasText: text })
  /** The card in the open thread that carries every button. */
  const details = (): Locator =>
    page.locator('.msg').filter({ has: page.locator('button', { hasText: 'Close incident' }) })
  const press = (where: Locator, label: string): Promise<void> =>
    where.last().locator('button.bk-button', { hasText: label }).first().click()
  const shown = (surface: Parameters<typeof card>[1], reads: RegExp, ms = 40_000): Promise<Card> =>
    card(production.slack, surface, incident, reads, ms)
  const onPage = () => statusPage.incidents[0]

  test('the alert opens an incident, which looks at production by itself', async () => {
    await alertmanager.tell({
      labels: { alertname: 'HighErrorRate', severity: 'critical', service: 'backend' },
      annotations: { summary: 'two thirds of all requests fail' },
      startsAt,
    })
    const asked = message('HighErrorRate')
    await asked.first().waitFor()
    await message('Roll back: production').first().waitFor()
    expect(await asked.first().innerText()).toMatch(/two thirds of all requests fail/)
    expect(pager.rings).toEqual([])
  })

  test('Declare is pressed: the pager rings once, and the headline says so', async () => {
    await press(message('Roll back: production'), 'Declare incident')
    const headline = await until(
      async () => (await page.locator('.messages .msg').filter({ hasText: /🚨/ }).all()).at(-1),
      'the headline',
      20_000,
    )
    incident = /incident (\d{8}-\w+)/i.exec(await headline.innerText())?.[1] ?? ''
    expect((await shown('headline', /accepted by PagerDuty/)).reads).toMatch(
      /nobody has acknowledged/,
    )
    expect(pager.rings).toEqual([`${incident}:declared`])
    await headline.locator('.thread-summary').click()
  })

  test('I have it is pressed: the pager hears that somebody does', async () => {
    await press(details(), 'I have it')
    await shown('headline', /Lead:\* <@U0ANA>/)
    await until(
      () => pager.alert(`${incident}:declared`)?.state === 'acknowledged',
      'the call to be acknowledged',
    )
  })

  test('what is published stands on the status page once, with its components', async () => {
    await press(message('Status page'), 'Publish')
    await shown('status-page', /published by/)
    expect(statusPage.incidents).toHaveLength(1)
    expect(onPage()).toMatchObject({ status: 'investigating' })
  })

  test('two people sign, it is rolled back, proved and verified', async () => {
    await press(details(), 'Prepare rollback')
    const plan = await shown('plan-1', /0 of 2/)
    await sign(production.slack, bo, plan)
    await sign(production.slack, cy, plan)
    expect((await shown('run-1', /was carried out|failed|was not begun/)).reads).toMatch(
      /Every step was carried out and verified/,
    )
    const list = await shown('verification', /of 12 verified/)
    expect(list.reads).toMatch(/All services are running/)
    expect(list.reads).toMatch(/wait for a person/)
  })

  test('the stages that follow go to the same incident on the page', async () => {
    await shown('status-page', /Status page: monitoring/)
    await press(message('Status page'), 'Publish')
    await until(() => onPage()?.status === 'monitoring', 'the page to say monitoring')
    expect(statusPage.incidents).toHaveLength(1)
    expect(onPage()?.incident_updates.map(({ status }) => status)).toEqual([
      'monitoring',
      'investigating',
    ])
  })

  test('the alert ends: that is said, and closes nothing', async () => {
    await alertmanager.tell({
      labels: { alertname: 'HighErrorRate', severity: 'critical', service: 'backend' },
      startsAt,
      endsAt: new Date().toISOString(),
    })
    await shown('thread-card', /HighErrorRate[^]*ended|ended[^]*HighErrorRate/)
    expect((await shown('headline', /\*Open\*/)).reads).not.toMatch(/Closed/)
  })

  test('closed, the pager is told, and the report stands in the thread and in the folder', async () => {
    const thread = await shown('thread-card', /Close incident/)
    await opened(ana, thread, 'Close incident', 'close-incident')
    await ana.submit({ outcome: 'resolved', revenue: 'none' })
    await shown('headline', /\*Closed\*/)
    await until(
      () => pager.alert(`${incident}:declared`)?.state === 'closed',
      'the call to be over',
    )
    await message(/report-1|Incident report/)
      .first()
      .waitFor()
    const evidence = join(production.data, 'evidence')
    const names = await readdir(evidence, { recursive: true })
    const file = names.find((name) => name.endsWith('report.md'))
    const report = await readFile(join(evidence, file ?? 'none'), 'utf8')
    expect(report).toMatch(/## Timeline[^]*UTC - Rollback initiated/)
    expect(report).toMatch(/HighErrorRate/)
    expect(report).toMatch(/Revenue impact:\*\* none/)
    expect(report).toMatch(/The list: \d+ of 12 verified/)
    expect(names.some((name) => name.endsWith('report.html'))).toBe(true)
  })

  test('nobody objected to anything that was sent, and the journal is whole', async () => {
    expect(pager.objections).toEqual([])
    expect(pager.rings).toHaveLength(1)
    expect(await alertmanager.counts()).toMatchObject({ failed: 0 })
    await bot.stop()
    const { code, output } = await runBackout(['verify-journal', bot.journal])
    expect(output).toMatch(/^The journal is intact/)
    expect(code).toBe(0)
    expect(bot.output()).not.toMatch(/"level":(50|60)/)
    expect(bot.output()).not.toContain(CREDENTIALS.routingKey)
    expect(bot.output()).not.toContain(statusPage.apiKey)
  })
})
