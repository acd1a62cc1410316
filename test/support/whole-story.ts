import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { readKeptName } from '../../src/domain/data/kept-name.ts'
import type { Surface } from '../../src/domain/incident/surface.ts'
import { cardOf, take } from '../e2e/pictures.ts'
import { card, sign, type Card } from '../e2e/reading.ts'
import type { Bot } from './bot.ts'
import { heldIn, REPLACED, type Shop, type Sizes } from './database-stage.ts'
import { BO, CY } from './slack/fixture.ts'
import type { Slack } from './slack/slack.ts'
import { until } from './slack/waiting.ts'
import { eventsOf, hasHappened } from './stage.ts'

export const ENDED = /was carried out|failed|was not begun|was stopped/

/** What people do on the way, in the settings of both stories. */
export const PEOPLE = [
  { what: 'drain the load balancer', by: 'edge team', before: 'stop' },
  { what: 'tell the call centre', by: 'support', before: 'end' },
] as const

const PATIENCE_MS = 120_000
/** Into docs/images, as they are in this run. */
const KEEPS_PICTURES = process.env['KEEP_PICTURES'] !== undefined

/** One incident in which code and data go back: Ana works in a browser, Cy and Bo sign. */
export async function wholeStory(slack: Slack, browser: Browser, currentBot: () => Bot) {
  const page: Page = await browser.newPage({ viewport: { width: 1_280, height: 900 } })
  page.setDefaultTimeout(15_000)
  await page.goto(slack.pageUrl)
  let incident = ''
  let declared: Card | null = null

  const says = async (line: string): Promise<void> => {
    const composer = page.locator('.composer-input').first()
    await composer.fill(line)
    await composer.press('Enter')
  }
  const at = ({ ts }: Pick<Card, 'ts'>): Locator => page.locator(`.msg[data-ts="${ts}"]`).last()
  const press = (shown: Pick<Card, 'ts'>, label: string): Promise<void> =>
    at(shown).locator('button.bk-button', { hasText: label }).first().click()
  const shows = (surface: Surface, reads: RegExp, ms = PATIENCE_MS): Promise<Card> =>
    card(slack, surface, incident, reads, ms)
  /** The step of a plan that is called so. */
  const stepOf = (plan: number, title: RegExp): number => {
    const proposed = eventsOf(currentBot(), incident).findLast(
      (event) => event.type === 'plan-proposed' && event.plan === plan,
    )
    if (proposed?.type !== 'plan-proposed') throw new Error(`there is no plan ${plan}`)
    return proposed.proposal.steps.findIndex((step) => title.test(step.title))
  }
  const has = (
    type: 'step-started' | 'step-succeeded' | 'people-asked',
    plan: number,
    title: RegExp,
  ) => {
    const step = stepOf(plan, title)
    const happened = () => hasHappened(currentBot(), incident, { type, plan, step })
    return until(happened, `${type} of ${String(title)} in plan ${plan}`, PATIENCE_MS)
  }

  return {
    incident: () => incident,
    says,
    press,
    shows,
    has,
    /** A symptom that no metric shows is reported, and the incident declared. */
    async declares(): Promise<{ readonly assessed: string; readonly headline: Card }> {
      await says('/rollback assess data-corruption')
      const found = page.locator('.messages .msg').filter({ hasText: 'Roll back: production' })
      await found.last().waitFor()
      const assessed = await found.last().innerText()
      await found.last().locator('button.bk-button', { hasText: 'Declare incident' }).click()
      const top = page.locator('.messages .msg').filter({ hasText: /🚨/ }).last()
      await top.waitFor()
      incident = /incident (\d{8}-\w+)/i.exec(await top.innerText())?.[1] ?? ''
      const headline = await shows('headline', /\*Open\*/)
      declared = headline
      await at(headline).locator('.thread-summary').click()
      return { assessed, headline }
    },
    /** That card, as soon as it reads like that, wide and on a phone. */
    async pictured(name: string, surface: Surface, reads: RegExp): Promise<void> {
      if (!KEEPS_PICTURES || !declared) return
      const of = { incident, headline: declared }
      await take(browser, slack, [await cardOf(name, slack, of, surface, reads, PATIENCE_MS)])
    },
    async signedByOne(plan: number): Promise<void> {
      await sign(slack, slack.as(CY), await shows(`plan-${plan}`, /0 of 1/))
    },
    /** What the plan says, once both have signed it. */
    async signedByTwo(plan: number): Promise<string> {
      const shown = await shows(`plan-${plan}`, /0 of 2/)
      await sign(slack, slack.as(CY), shown)
      await sign(slack, slack.as(BO), await shows(`plan-${plan}`, /1 of 2/))
      return shown.reads
    },
    /** Somebody of theirs says so, in the thread. */
    async theyDo(plan: number, title: RegExp): Promise<void> {
      await has('people-asked', plan, title)
      await press(await shows(`run-${plan}`, /Waits for people/), 'Done')
      await has('step-succeeded', plan, title)
    },
    async carriedOut(plan: number): Promise<string> {
      const { reads } = await shows(`run-${plan}`, ENDED)
      expect(reads).toMatch(new RegExp(`Plan ${plan} was carried out`))
      return reads
    },
  }
}

export type WholeStory = Awaited<ReturnType<typeof wholeStory>>

/** Whatever the server has ever confirmed is live or kept, and what is live is wholly before or wholly after. */
export async function mustHold(
  { db, asSpoilt, writer }: Shop,
  sizes: Sizes,
  {
    data,
    others,
  }: { readonly data: 'spoilt' | 'as in the backup'; readonly others: readonly string[] },
) {
  const written = [...asSpoilt, ...writer.written()]
  const held = await heldIn(db)
  expect(written.filter((line) => !held.holds(line))).toEqual([])
  expect(REPLACED.map((name) => held.spoilt(name))).toEqual(
    REPLACED.map((name) => (data === 'spoilt' ? sizes.spoilt[name] : 0)),
  )
  expect(held.names.filter((name) => readKeptName(name) === null)).toEqual(
    [...REPLACED, ...others].toSorted(),
  )
  return held
}

export async function usersWriteOn({ writer }: Shop, more = 10): Promise<void> {
  const count = () => REPLACED.reduce((sum, name) => sum + writer.inserted(name), 0)
  const before = count()
  await until(() => count() >= before + more, `${more} documents more`, 60_000)
}
