import type { Surface } from '../../src/domain/incident/surface.ts'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import type { Person } from '../support/slack/people.ts'
import type { Slack } from '../support/slack/slack.ts'
import { answerTo, card } from './reading.ts'
import type { Card } from './reading.ts'
import { smallPng } from './small-png.ts'

const IMAGES = resolve(import.meta.dirname, '../../docs/images')
const MOST_BYTES = 180_000
/** So tall that no message has to be scrolled. */
const HEIGHT = 3_600
const WIDTHS = { wide: 1_100, phone: 390 } as const

/** A phone shows the conversation alone; and nothing that only a mouse needs is to be in a picture. */
const ALWAYS = `
  .msg-hover-actions, .composer, .msg-edited { display: none !important }
  .home { flex: none !important; height: auto !important }
  code { overflow-wrap: anywhere; line-height: 1.7 }
  pre {
    white-space: pre-wrap; overflow-wrap: anywhere; margin: 4px 0; padding: 8px;
    border: 1px solid #ddd; border-radius: 4px; background: #f8f8f8; font-size: 12px;
  }
`
const SIZED = {
  wide: '.thread-pane { width: 620px !important; max-width: none !important }',
  phone: `
    .sidebar, .topbar, .channel-header { display: none !important }
    .thread-pane { width: 390px !important; max-width: none !important }
  `,
} as const

/**
 * local-slack shows Slack's escapes, code, telephone and mail links as they are written or formats
 * what is inside; Slack renders them. Runs in the page.
 */
const RENDER_AS_SLACK_DOES = String.raw`
  for (const code of document.querySelectorAll('code')) {
    for (const [tags, mark] of [['em, i', '_'], ['del, s', '~'], ['strong, b', '*']]) {
      for (const inner of code.querySelectorAll(tags)) inner.replaceWith(mark + inner.textContent + mark)
    }
  }
  for (const text of document.querySelectorAll('.mrkdwn, .msg-text')) {
    text.innerHTML = text.innerHTML
      .replace(/&lt;(?:tel|mailto):[^|<>]*\|([^<>]*?)&gt;/g, '<a href="#">$1</a>')
      .replaceAll('&amp;lt;', '&lt;')
      .replaceAll('&amp;gt;', '&gt;')
      .replaceAll('&amp;amp;', '&amp;')
      .replace(/\x60{3}([^]*?)\x60{3}/g, '<pre>$1</pre>')
  }
`

export type Shot = { readonly name: string; readonly of: (page: Page) => Promise<Locator> }

/** What stands in the channel itself. */
export const message = (name: string, { ts }: { readonly ts: string }): Shot => ({
  name,
  of: async (page) => page.locator(`.msg[data-ts="${ts}"]`).last(),
})

/** What stands in the thread below that headline. */
export const reply = (
  name: string,
  headline: { readonly ts: string },
  { ts }: { readonly ts: string },
): Shot => ({
  name,
  of: async (page) => {
    await page.locator(`.msg[data-ts="${headline.ts}"] .thread-summary`).click()
    return page.locator(`.thread-pane .msg[data-ts="${ts}"]`)
  },
})

/** The answer to a question, as the message that only the asker sees. */
export const answer = async (
  name: string,
  slack: Slack,
  person: Person,
  line = name,
): Promise<Shot> => {
  await answerTo(person, line)
  return message(name, { ts: slack.ephemerals(person.id).at(-1)?.ts ?? '' })
}

/** A card of the incident, as it stands as soon as it reads like that. */
export const cardOf = async (
  name: string,
  slack: Slack,
  { incident, headline }: { readonly incident: string; readonly headline: Card },
  surface: Surface,
  reads: RegExp = /./,
  timeoutMs = 40_000,
): Promise<Shot> => {
  const found = await card(slack, surface, incident, reads, timeoutMs)
  return surface === 'headline' ? message(name, found) : reply(name, headline, found)
}

export const take = async (
  browser: Browser,
  slack: Slack,
  shots: readonly Shot[],
): Promise<void> => {
  mkdirSync(IMAGES, { recursive: true })
  for (const [size, width] of Object.entries(WIDTHS)) {
    for (const { name, of } of shots) {
      const page = await browser.newPage({ viewport: { width, height: HEIGHT } })
      await page.goto(slack.pageUrl)
      const picture = await of(page)
      await page.addStyleTag({ content: ALWAYS + SIZED[size === 'phone' ? 'phone' : 'wide'] })
      await picture.waitFor()
      await page.evaluate(RENDER_AS_SLACK_DOES)
      keep(`${name}-${size}.png`, await picture.screenshot())
      await page.close()
    }
  }
}

/** As small as it can be, where the documents find it. */
export const keep = (file: string, png: Buffer): void => {
  const image = smallPng(png)
  if (image.length > MOST_BYTES) throw new Error(`${file} is too big: ${image.length} bytes`)
  writeFileSync(join(IMAGES, file), image)
  process.stdout.write(`${file} ${Math.round(image.length / 1_000)} kB\n`)
}
