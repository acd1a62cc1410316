import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../servers/spawn.ts'
import {
  dataFolder,
  shippedSettings,
  startDemoSlack,
  startSimulatedBot,
  type Bot,
} from '../support/bot.ts'
import type { SigningStore } from '../../src/ports/second-factor.ts'
import { codeAt, enrolledIn, signingOn, storeAt, type Enrolled } from '../support/second-factor.ts'
import { browserAt } from '../support/signing-browser.ts'
import { ANA, BO, CY } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled, refusals } from './journaled.ts'
import { card, declare, planned, type Declared } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

/** Slack is away from the moment on that there is a plan to sign; told in order. */
let slack: Slack
let bot: Bot
let data: string
let url: string
let declared: Declared
let bo: Enrolled
let cy: Enrolled

tellOnFailure(() => bot)

const HALF_MINUTE = 30_000

/** Three codes are good at any moment: of the half minute before, of this one, and of the next. */
function code({ secret }: Enrolled, which: 'before' | 'now' | 'next'): string {
  const off = { before: -HALF_MINUTE, now: 0, next: HALF_MINUTE }[which]
  return codeAt(secret, Date.now() + off)
}

const events = () => journaled(bot, declared.incident)

beforeAll(async () => {
  slack = await startDemoSlack()
  data = dataFolder()
  const enrolled = await enrolledIn(data, Date.now(), [BO, CY])
  const [first, second] = enrolled
  if (!first || !second) throw new Error('nobody enrolled')
  bo = first
  cy = second
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  bot = await startSimulatedBot({
    slack,
    data,
    scenario: 'errors-62',
    settings: shippedSettings({ 'readSeconds: 5': 'readSeconds: 0' }),
    env: signingOn(port),
  })
  const ana = slack.as(ANA)
  declared = await declare(slack, ana)
  await planned(slack, ana, declared)
  await until(
    () => withStore((store) => isKept(store)),
    'what Slack says of both to be kept',
    30_000,
  )
  slack.outage.begin('cut')
}, 60_000)

type Store = SigningStore

async function withStore<Result>(
  use: (store: Store) => Promise<Result>,
  nowMs = Date.now(),
): Promise<Result> {
  const store = await storeAt(data, { nowMs })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

async function isKept({ answers }: Store): Promise<boolean> {
  const kept = await Promise.all([BO, CY].map((user) => answers.kept(`account ${user}`)))
  return !kept.includes(null)
}

/** As if Slack had last said that of Cy so long ago. */
async function lastSaid(hoursAgo: number): Promise<void> {
  const { answer } = (await withStore(({ answers }) => answers.kept(`account ${CY}`))) ?? {}
  const atMs = Date.now() - hoursAgo * 60 * 60_000
  await withStore(({ answers }) => answers.keep(`account ${CY}`, answer), atMs)
}

afterAll(async () => {
  slack.outage.end()
  await bot.stop()
  await slack.stop()
})

const form = () => `/incident/${declared.incident}/sign`
const approvals = () => countOf(events(), 'plan-approved')

/** Signed in, and with the plan before them. */
async function reading(person: Enrolled): Promise<ReturnType<typeof browserAt>> {
  const browser = browserAt(url)
  const list = await browser.signIn(person.handle, code(person, 'before'))
  expect(list.reads).toContain('Open incidents')
  const page = await browser.ask(`/incident/${declared.incident}`)
  expect(page.reads).toMatch(/• backend : v2\.0\.0 .* → v1\.9\.0/)
  return browser
}

it('one person signs, once: a code that was used does not count, and neither does the person again', async () => {
  const browser = await reading(bo)
  const used = code(bo, 'now')
  const signed = await browser.send(form(), { code: used })
  expect(signed.reads).toMatch(/Your signature counts.*1 of 2 signatures/)
  expect(signed.reads).toMatch(/on Backout’s page, with rights as of \d\d:\d\d UTC/)
  const approval = events().find(({ type }) => type === 'plan-approved')
  expect(approval).toMatchObject({ by: BO, via: 'page', rightsAsOf: expect.any(String) })
  expect((await browser.send(form(), { code: used })).reads).toMatch(/has counted already/)
  const again = await browser.send(form(), { code: code(bo, 'next') })
  expect(again.reads).toMatch(/Your signature is there already, and it counts once/)
  expect(refusals(events()).at(-1)).toMatchObject({ by: BO, reason: 'already-approved' })
  expect(approvals()).toBe(1)
})

it('whose rights were last known more than a day ago is refused; with them, it is the second signature', async () => {
  const browser = await reading(cy)
  await lastSaid(25)
  const late = await browser.send(form(), { code: code(cy, 'now') })
  expect(late.reads).toMatch(/what it last said of you is older than 24 hours/)
  expect(refusals(events()).at(-1)).toMatchObject({ by: CY, reason: 'person-unknown' })
  expect(approvals()).toBe(1)
  await lastSaid(1)
  const signed = await browser.send(form(), { code: code(cy, 'next') })
  expect(signed.reads).toMatch(/Your signature counts/)
  expect(approvals()).toBe(2)
})

it('the rollback runs to its end while Slack is away', async () => {
  await until(() => countOf(events(), 'run-ended') === 1, 'the run to end', 60_000)
  expect(events().find(({ type }) => type === 'run-ended')).toMatchObject({ outcome: 'succeeded' })
}, 70_000)

it('Slack says afterwards who signed, and how', async () => {
  slack.outage.end()
  const { reads } = await card(slack, 'plan-1', declared.incident, /Signed by/, 60_000)
  expect(reads).toMatch(/<@U0BO> at .* on Backout’s page, with rights as of \d\d:\d\d UTC/)
  expect(reads).toMatch(/<@U0CY> at .* on Backout’s page, with rights as of/)
}, 70_000)
