import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../servers/spawn.ts'
import { dataFolder, shippedSettings, startDemoSlack, startSimulatedBot } from '../support/bot.ts'
import { codeAt, enrolledIn, signingOn, storeAt, type Enrolled } from '../support/second-factor.ts'
import { browserAt } from '../support/signing-browser.ts'
import { ANA, BO, CY } from '../support/slack/fixture.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled } from './journaled.ts'
import { assess } from './reading.ts'

/** Slack goes away between the answer and the press that would have declared the incident. */

const HALF_MINUTE = 30_000

function code({ secret }: Enrolled, which: 'before' | 'now' | 'next'): string {
  const off = { before: -HALF_MINUTE, now: 0, next: HALF_MINUTE }[which]
  return codeAt(secret, Date.now() + off)
}

test('what nobody has declared is listed, declared by who asks for its plan, and signed by two others', async () => {
  const slack = await startDemoSlack()
  onTestFinished(() => slack.stop())
  const data = dataFolder()
  const enrolled = await enrolledIn(data, Date.now(), [ANA, BO, CY])
  const [ana, bo, cy] = enrolled
  if (!ana || !bo || !cy) throw new Error('nobody enrolled')
  const port = await freePort()
  const bot = await startSimulatedBot({
    slack,
    data,
    scenario: 'errors-62',
    settings: shippedSettings({ 'readSeconds: 5': 'readSeconds: 0' }),
    env: signingOn(port),
  })
  onTestFinished(() => bot.stop())
  const { incident } = await assess(slack, slack.as(ANA))
  const store = await storeAt(data, { nowMs: Date.now() })
  onTestFinished(() => store.close())
  await until(
    async () => {
      const kept = await Promise.all(
        [ANA, BO, CY].map((user) => store.answers.kept(`account ${user}`)),
      )
      return !kept.includes(null)
    },
    'what Slack says of all three to be kept',
    30_000,
  )
  slack.outage.begin('cut')
  onTestFinished(() => slack.outage.end())
  const events = () => journaled(bot, incident)
  expect(countOf(events(), 'incident-declared')).toBe(0)

  const asks = browserAt(`http://127.0.0.1:${port}`)
  const list = await asks.signIn(bo.handle, code(bo, 'before'))
  expect(list.reads).toMatch(/Not declared/)
  expect(list.reads).toContain(incident)
  const before = await asks.ask(`/incident/${incident}`)
  expect(before.reads).toMatch(/Whoever asks for a plan of it declares it/)
  await asks.send(`/incident/${incident}/plan`)
  expect(events().find(({ type }) => type === 'incident-declared')).toMatchObject({
    by: BO,
    title: expect.stringMatching(/5xx 62/),
  })
  await until(() => countOf(events(), 'plan-proposed') === 1, 'the plan to be made')

  // Who asked does not count.
  await asks.ask(`/incident/${incident}`)
  const own = await asks.send(`/incident/${incident}/sign`, { code: code(bo, 'now') })
  expect(own.reads).toMatch(/You asked for this plan|who asked for it/i)
  for (const one of [ana, cy]) {
    const browser = browserAt(`http://127.0.0.1:${port}`)
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await browser.signIn(one.handle, code(one, 'before'))
    // oxlint-disable-next-line no-await-in-loop -- as above
    await browser.ask(`/incident/${incident}`)
    // oxlint-disable-next-line no-await-in-loop -- as above
    await browser.send(`/incident/${incident}/sign`, { code: code(one, 'now') })
  }
  expect(countOf(events(), 'plan-approved')).toBe(2)
  await until(() => countOf(events(), 'run-ended') === 1, 'the rollback to be carried out', 40_000)
  expect(events().find(({ type }) => type === 'run-ended')).toMatchObject({ outcome: 'succeeded' })
}, 120_000)
