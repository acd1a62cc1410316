// npm run screenshots: every card as people see it, wide and on a phone, into docs/images/.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import type { ScenarioName } from '../../src/sandbox/scenario.ts'
import { startBot, startDemoSlack } from '../support/bot.ts'
import { openBrowser } from '../support/browser.ts'
import { ANA, BO, INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { answerTo, assess, card, declare, words } from './reading.ts'
import { smallPng } from './small-png.ts'

const IMAGES = resolve(import.meta.dirname, '../../docs/images')
const MOST_BYTES = 120_000
/** So tall that no message has to be scrolled. */
const HEIGHT = 3_600
const WIDTHS = { wide: 1_100, phone: 390 } as const

/** A phone shows the conversation alone; and nothing that only a mouse needs is to be in a picture. */
const ALWAYS = `
  .msg-hover-actions, .composer, .msg-edited { display: none !important }
  .home { flex: none !important; height: auto !important }
  code { overflow-wrap: anywhere }
  pre {
    white-space: pre-wrap; overflow-wrap: anywhere; margin: 4px 0; padding: 8px;
    border: 1px solid #ddd; border-radius: 4px; background: #f8f8f8; font-size: 12px;
  }
`
const PHONE = '.sidebar, .topbar, .channel-header { display: none !important }'

/**
 * local-slack shows Slack's escapes, code blocks, telephone and mail links as they are written; Slack
 * renders them. Runs in the page.
 */
const RENDER_AS_SLACK_DOES = String.raw`
  for (const text of document.querySelectorAll('.mrkdwn, .msg-text')) {
    text.innerHTML = text.innerHTML
      .replace(/&lt;(?:tel|mailto):[^|<>]*\|([^<>]*?)&gt;/g, '<a href="#">$1</a>')
      .replaceAll('&amp;lt;', '&lt;')
      .replaceAll('&amp;gt;', '&gt;')
      .replaceAll('&amp;amp;', '&amp;')
      .replace(/\x60{3}([^]*?)\x60{3}/g, '<pre>$1</pre>')
  }
`

type Shot = { readonly name: string; readonly of: (page: Page) => Promise<Locator> }

const message = (name: string, ts: string): Shot => ({
  name,
  of: async (page) => page.locator(`.msg[data-ts="${ts}"]`).last(),
})

async function take(browser: Browser, slack: Slack, shots: readonly Shot[]): Promise<void> {
  for (const [size, width] of Object.entries(WIDTHS)) {
    for (const { name, of } of shots) {
      const page = await browser.newPage({ viewport: { width, height: HEIGHT } })
      await page.goto(slack.pageUrl)
      const picture = await of(page)
      await page.addStyleTag({ content: ALWAYS + (size === 'phone' ? PHONE : '') })
      await picture.waitFor()
      await page.evaluate(RENDER_AS_SLACK_DOES)
      const file = `${name}-${size}.png`
      const image = smallPng(await picture.screenshot())
      await page.close()
      if (image.length > MOST_BYTES) throw new Error(`${file} is too big: ${image.length} bytes`)
      writeFileSync(join(IMAGES, file), image)
      process.stdout.write(`${file} ${Math.round(image.length / 1_000)} kB\n`)
    }
  }
}

/** The answer to a question, as the message that only the asker sees. */
async function answer(name: string, slack: Slack, person: Person, line: string): Promise<Shot> {
  await answerTo(person, line)
  return message(name, slack.ephemerals(person.id).at(-1)?.ts ?? '')
}

async function withBot<Result>(
  slack: Slack,
  scenario: ScenarioName,
  use: (ana: Person) => Promise<Result>,
): Promise<Result> {
  const bot = await startBot({ slack, scenario })
  try {
    return await use(slack.as(ANA))
  } finally {
    await bot.stop()
  }
}

async function assessment(browser: Browser, slack: Slack, scenario: ScenarioName, name: string) {
  await withBot(slack, scenario, async (ana) => {
    const { ts } = await assess(slack, ana)
    await take(browser, slack, [message(name, ts)])
  })
}

const inThread = (headlineTs: string, ts: string): Shot => ({
  name: 'thread',
  of: async (page) => {
    await page.locator(`.msg[data-ts="${headlineTs}"] .thread-summary`).click()
    return page.locator(`.msg[data-ts="${ts}"]`).last()
  },
})

const HOME: Shot = {
  name: 'home',
  of: async (page) => {
    await page.locator('.sidebar-item', { hasText: 'backout' }).click()
    return page.locator('.home').last()
  },
}

const FORM: Shot = {
  name: 'start-form',
  of: async (page) => {
    const modal = page.locator('.modal')
    await modal.locator('input:not([type=checkbox])').first().fill('Customers see an empty list')
    // Slack shows what is chosen at first; local-slack does not.
    await modal.locator('select').selectOption({ label: 'kubernetes' })
    return modal
  },
}

async function anIncident(browser: Browser, slack: Slack): Promise<void> {
  await withBot(slack, 'errors-62', async (ana) => {
    const assessed = await assess(slack, ana)
    await take(browser, slack, [message('assess-roll-back', assessed.ts)])
    const { incident, headline, thread } = await declare(slack, ana)
    await slack.as(BO).click(INCIDENTS, thread.ts, 'Report a symptom', { pick: 'Data loss' })
    await card(slack, 'thread-card', incident, ({ reads }) => {
      return reads.includes('reported: Data loss') && !reads.includes('Looking again')
    })
    await take(browser, slack, [message('headline', headline.ts), inThread(headline.ts, thread.ts)])
    for (const name of ['status', 'history', 'deployments', 'ping', 'targets', 'metrics']) {
      await take(browser, slack, [await answer(name, slack, ana, name)])
    }
    for (const name of ['contacts', 'help']) {
      await take(browser, slack, [await answer(name, slack, ana, name)])
    }
    await take(browser, slack, [
      await answer('logs', slack, ana, 'logs backend --tail 4'),
      await answer('refusal', slack, ana, 'logs bakend'),
    ])
    await ana.openHome()
    await ana.home((view) => words(view['blocks']).includes('targets are up'))
    await take(browser, slack, [HOME])
  })
}

/** The last one: the form stays open, over everything. */
async function form(browser: Browser, slack: Slack): Promise<void> {
  await withBot(slack, 'errors-62', async () => {
    // Typed on the page: only then does local-slack show the form there.
    const typed = { user: ANA, channel: INCIDENTS, command: '/rollback' }
    await slack.upstream.control('command', { ...typed, text: 'start kubernetes --to v1.9.0' })
    await take(browser, slack, [FORM])
  })
}

mkdirSync(IMAGES, { recursive: true })
await using ending = new AsyncDisposableStack()
const browser = await openBrowser()
ending.defer(() => browser.close())
const slack = await startDemoSlack()
ending.defer(() => slack.stop())

await anIncident(browser, slack)
await assessment(browser, slack, 'errors-8', 'assess-person-decides')
await assessment(browser, slack, 'prometheus-silent', 'assess-blind')
await assessment(browser, slack, 'redis-down', 'assess-do-not')
await form(browser, slack)
