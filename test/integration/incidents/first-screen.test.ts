import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingAllowed } from '../../servers/find.ts'
import { startDemoSlack } from '../../support/bot.ts'
import { openBrowser } from '../../support/browser.ts'
import type { Slack } from '../../support/slack/slack.ts'
import { cardOfIncident, shown } from './shown.ts'
import { writtenDown, WRITING_MS } from './written-down.ts'

const PHONE = { width: 390, height: 844 }
/** What Slack needs of it for itself, above and below. */
const BARS = 160

const ON_A_PHONE = `
  .sidebar, .topbar, .channel-header, .composer, .msg-hover-actions { display: none !important }
`

describe.skipIf(missingAllowed('prometheus') || missingAllowed('chromium'))(
  'the first screen of a phone',
  () => {
    let close = async (): Promise<void> => undefined
    let written: Awaited<ReturnType<typeof writtenDown>>
    let slack: Slack
    let browser: Browser

    beforeAll(async () => {
      await using opening = new AsyncDisposableStack()
      written = opening.use(await writtenDown(shown))
      slack = await startDemoSlack()
      opening.defer(() => slack.stop())
      browser = await openBrowser()
      opening.defer(() => browser.close())
      const opened = opening.move()
      close = () => opened.disposeAsync()
    }, WRITING_MS)
    afterAll(() => close())

    test.each(shown)(
      '$name: the verdict, why, what speaks against it, and the next button',
      async (incident) => {
        const { ts, assessment } = await cardOfIncident(written, incident, slack)
        const page = await browser.newPage({ viewport: PHONE })
        await page.goto(slack.pageUrl)
        await page.addStyleTag({ content: ON_A_PHONE })
        const card = page.locator(`.msg[data-ts="${ts}"]`).last()
        await card.waitFor()
        const { y: top, width } = (await card.boundingBox()) ?? { y: 0, width: 0 }
        const bottomOf = async (text: string | RegExp) => {
          const box = await card.getByText(text).first().boundingBox()
          if (!box) throw new Error(`nothing there reads ${String(text)}`)
          expect(
            box.x + box.width,
            `${String(text)} goes on beside the screen`,
          ).toBeLessThanOrEqual(PHONE.width)
          return box.y + box.height - top
        }
        const parts: readonly (string | RegExp)[] = [
          /^.{1,3} (Roll back|A person decides|Do not roll back): /,
          /^(Production is|Not everything|Everything that was measured)/,
          ...(assessment.against?.length ? [/Against a rollback:|this speaks against it/] : []),
          /^(Way back|No way back)/,
          'Declare incident',
        ]
        const bottoms = []
        for (const part of parts) bottoms.push(await bottomOf(part))
        await page.close()
        expect(width).toBeLessThanOrEqual(PHONE.width)
        expect(bottoms).toEqual(bottoms.toSorted((a, b) => a - b))
        expect(bottoms.at(-1)).toBeLessThanOrEqual(PHONE.height - BARS)
      },
    )
  },
)
