import { describe, expect } from 'vitest'
import { it as story } from '../support/bot-story.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import { until } from '../support/slack/waiting.ts'
import { V2, answerTo, card, cards, declare, noted, running, sign, told } from './reading.ts'
import type { Card, Declared } from './reading.ts'

/** What the runbook does with one command, typed one after the other on one evening. */

/** The incident that the first command opens. */
let headline: Card

/** Types it, and is told alone where it appears. */
const type = async (person: Person, line: string): Promise<string> => {
  const answer = await answerTo(person, line)
  expect(answer).toMatch(
    /^\*Plan \d+ is being made, [\w ]+\.\* It appears here.*<https?:\/\/[^|]+\|the thread/,
  )
  return answer
}

const it = story.extend('signedAndDone', ({ slack }) => {
  return async (number: number, signers: Person[]): Promise<Card> => {
    const { incident } = headline
    const plan = await card(slack, `plan-${number}`, incident)
    // oxlint-disable-next-line no-await-in-loop -- a person signs after the other
    for (const person of signers) await sign(slack, person, plan)
    return card(slack, `run-${number}`, incident, /was carried out/, 40_000)
  }
})

it.override('told', { scenario: 'errors-8', settings: null })

describe('typed in the channel', () => {
  it('restart opens an incident when none is open, and restarts once two have signed', async ({
    slack,
    ana,
    bo,
    cy,
    signedAndDone,
  }) => {
    await type(ana, 'restart backend')
    headline = await until(async () => (await cards(slack, 'headline')).at(-1), 'a headline')
    const plan = await card(slack, 'plan-1', headline.incident, /0 of 2/)
    expect(plan.reads).toMatch(/\*backend\*: 3 pods of v2\.0\.0 → \*3 new pods of v2\.0\.0\*/)
    expect(await told(ana, () => ana.click(INCIDENTS, plan.ts, 'Approve'))).toMatch(/^You asked/)
    const done = await signedAndDone(1, [bo, cy])
    expect(done.reads).toMatch(/Not proved:\* that the errors are gone/)
    expect(await running(ana)).toEqual(V2)
  }, 60_000)

  it('scale-down stops every pod of one service, and of no other', async ({
    slack,
    ana,
    bo,
    cy,
    signedAndDone,
  }) => {
    await type(bo, 'scale-down frontend')
    const plan = await card(slack, 'plan-2', headline.incident, /0 of 2/)
    expect(plan.reads).toMatch(/\*frontend\*: 2 pods/)
    await signedAndDone(2, [ana, cy])
    expect(await running(ana)).toEqual({ backend: 'v2.0.0', frontend: 'nothing' })
  }, 60_000)

  it('undo brings them back', async ({ slack, ana, bo, cy, signedAndDone }) => {
    await type(cy, 'undo')
    await card(slack, 'plan-3', headline.incident, /frontend/)
    await signedAndDone(3, [ana, bo])
    expect(await running(ana)).toEqual(V2)
  }, 60_000)

  it('clear-cache says how much is lost, and what it never touches', async ({
    slack,
    ana,
    bo,
    cy,
    signedAndDone,
  }) => {
    await type(ana, 'clear-cache')
    const plan = await card(slack, 'plan-4', headline.incident, /0 of 2/)
    expect(plan.reads).toMatch(/The cache entries, \d+ now/)
    expect(plan.reads).toMatch(/Never touched: keys that begin with sess:, bull:, maintenance_/)
    const done = await signedAndDone(4, [bo, cy])
    expect(done.reads).not.toMatch(/^Undo$/m)
  })

  it('maintenance is switched on by one person, who may be the one who asked, and off again', async ({
    slack,
    ana,
    bo,
    cy,
    signedAndDone,
  }) => {
    // The form, filled in: what people see is on the card, and in the switch itself.
    await ana.command(INCIDENTS, '/rollback maintenance')
    await ana.modal()
    await ana.submit({ message: 'We are repairing logins, back at 04:00 UTC' })
    const plan = await card(slack, 'plan-5', headline.incident, /0 of 1 signature/)
    expect(plan.reads).toMatch(/\*maintenance\*: off → \*on\*/)
    expect(plan.reads).toMatch(/People see: We are repairing logins, back at 04:00 UTC/)
    await signedAndDone(5, [ana])
    await type(bo, 'maintenance on')
    await noted(slack, { headline }, /Plan 6 is not possible now: maintenance is on already/)
    await type(bo, 'maintenance off')
    await card(slack, 'plan-7', headline.incident, /\*maintenance\*: on → \*off\*/)
    await signedAndDone(7, [cy])
    expect(await cards(slack, 'headline')).toHaveLength(1)
  })

  it('what was mistyped is answered with the right form, and plans nothing', async ({
    slack,
    ana,
  }) => {
    const WRONG: [string, RegExp][] = [
      ['restart', /Which service\? Services: backend, frontend\./],
      ['restart bakend', /Did you mean backend\? Type: \/rollback restart backend/],
      ['restart backend frontend', /one service at a time/],
      ['scale down frontend', /Nearest: \/rollback scale-down &lt;service&gt;/],
      ['maintenance off now', /Nothing can follow off\./],
      ['maintenance maybe', /“maybe” is neither on nor off/],
      ['clear-cache everything', /Nothing can follow clear-cache/],
    ]
    for (const [line, reads] of WRONG) {
      // oxlint-disable-next-line no-await-in-loop -- one person types one after the other
      expect((await answerTo(ana, line)).replaceAll('\u200B', ''), line).toMatch(reads)
    }
    expect(await cards(slack, 'plan-8', headline.incident)).toEqual([])
  })
})

describe('when several incidents are open', () => {
  let other: Declared

  it.beforeAll(async ({ slack, bo }) => {
    other = await declare(slack, bo)
  })

  it.for(['restart backend', 'plan', 'maintenance on', 'monitor', 'abort', 'undo'])(
    '%s in the channel says which there are, and to type it in the thread',
    async (line, { slack, ana }) => {
      const why = await answerTo(ana, line)
      expect(why).toMatch(/^Several incidents are open: /)
      expect(why).toContain(other.incident)
      expect(why).toContain(headline.incident)
      expect(why).toMatch(/Go to the thread .* with @Backout in place of \/rollback\.$/)
      expect(await cards(slack, 'plan-1', other.incident)).toEqual([])
      expect(await cards(slack, 'plan-8', headline.incident)).toEqual([])
    },
  )

  it('in a thread it means that incident', async ({ slack, ana, bo }) => {
    await ana.mention(INCIDENTS, 'scale-down frontend', other.headline.ts)
    const plan = await card(slack, 'plan-1', other.incident, /0 of 2/)
    expect(plan.message['thread_ts']).toBe(other.headline.ts)
    await bo.mention(INCIDENTS, '/rollback restart backend', other.headline.ts)
    await card(slack, 'plan-1', other.incident, /\*Withdrawn\* at .* by <@U0BO>/)
    await card(slack, 'plan-2', other.incident, /0 of 2/)
    expect(await cards(slack, 'plan-8', headline.incident)).toEqual([])
    expect(await running(ana)).toEqual(V2)
  })
})
