import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bot } from '../support/bot.ts'
import { dataFolder, runBackout, startBot, startDemoSlack } from '../support/bot.ts'
import { openBrowser } from '../support/browser.ts'
import type { Slack } from '../support/slack/slack.ts'

/** What a responder does with a mouse, in a real browser on local-slack's page. */
let slack: Slack
let bot: Bot
let browser: Browser
let page: Page
const data = dataFolder()
const start = () => startBot({ slack, scenario: 'errors-62', data })

beforeAll(async () => {
  slack = await startDemoSlack()
  bot = await start()
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
  page.setDefaultTimeout(10_000)
  await page.goto(slack.pageUrl)
})

afterAll(async () => {
  await browser?.close()
  await bot?.stop()
  await slack?.stop()
})

const inChannel = (text: string | RegExp): Locator =>
  page.locator('.messages').first().locator('.msg').filter({ hasText: text })

/** The card in the open thread: the one with the timeline. */
/** The draft for the status page tells what happened, too. */
const threadCard = (): Locator =>
  page.locator('.msg').filter({ hasText: 'What happened' }).filter({ hasNotText: 'Status page' })

const button = (card: Locator, label: string): Locator =>
  card.locator('button.bk-button', { hasText: label })

const looked = async (): Promise<string> =>
  /Looked at ([\d:]+)/.exec(await threadCard().innerText())?.[1] ?? ''

/** Clicks, and waits until the card says that production was looked at since. */
const checkAgain = async (): Promise<void> => {
  const before = await looked()
  await expect.poll(() => new Date().toISOString().slice(11, 19)).not.toBe(before)
  await button(threadCard(), 'Check again').click()
  await expect.poll(looked, { timeout: 30_000 }).not.toBe(before)
}

const headline = (): Locator => inChannel(/🚨.*production: 5xx 62/)

const incidentName = async (card: Locator): Promise<string> =>
  /incident (\d{8}-\w+)/i.exec(await card.innerText())?.[1] ?? ''

describe('the story, in a browser', () => {
  let incident: string

  it('a command is typed, and the card says whether to roll back, and to what', async () => {
    await page.locator('.composer-input').fill('/rollback assess')
    await page.locator('.composer-input').press('Enter')
    const card = inChannel('Roll back: production')
    await card.waitFor()
    expect(await card.innerText()).toMatch(
      /5xx [56]\d\.\d %( \([\d,]+ of [\d,]+\))?, rule above 50 %/,
    )
    expect(await card.innerText()).toMatch(/Way back: kubernetes to v1\.9\.0/)
  })

  it('Declare is clicked: a headline, and its thread', async () => {
    await button(inChannel('Roll back: production'), 'Declare incident').click()
    await headline().waitFor()
    expect(await headline().innerText()).toMatch(/Open, severity critical[^]*Now: Roll back/)
    incident = await incidentName(headline())
    expect(incident).not.toBe('')
    await headline().locator('.thread-summary').click()
    await threadCard().waitFor()
    expect(await threadCard().innerText()).toMatch(/Ana Alves declared the incident/)
  })

  it('Check again is clicked: the same card, looked at later', async () => {
    await checkAgain()
    expect(await threadCard().count()).toBe(1)
  })

  it('the bot is killed and started: the same incident, the same thread, the buttons work', async () => {
    await bot.kill()
    bot = await start()
    await expect
      .poll(() => threadCard().innerText(), { timeout: 30_000 })
      .toContain('Backout was restarted and carries on')
    await checkAgain()
    expect(await threadCard().count()).toBe(1)
    expect(await headline().count()).toBe(1)
    expect(await incidentName(headline())).toBe(incident)
    expect(await headline().innerText()).toMatch(/Open, severity critical[^]*Now: Roll back/)
    expect(await headline().innerText()).toMatch(/4 replies/)
    expect(await inChannel('Roll back: production').count()).toBe(1)
  })

  it('the form is filled in on the page, and declares another', async () => {
    await page.locator('.main .composer-input').fill('/rollback start')
    await page.locator('.main .composer-input').press('Enter')
    const form = page.locator('.modal')
    await form.locator('input:not([type=checkbox])').first().fill('Customers see an empty list')
    await form.locator('.modal-btn.primary').click()
    await inChannel(/🚨.*Customers see an empty list/).waitFor()
    expect(await headline().count()).toBe(1)
  })

  it('the journal is whole', async () => {
    await bot.stop()
    const { code, output } = await runBackout(['verify-journal', bot.journal])
    expect(output).toMatch(/^The journal is intact/)
    expect(code).toBe(0)
    bot = await start()
  })
})
