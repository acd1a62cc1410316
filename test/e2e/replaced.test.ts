import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { CY, INCIDENTS } from '../support/slack/fixture.ts'
import { countOf, journaled, refusals } from './journaled.ts'
import { V2, answerTo, card, declare, noted, planned, running, sign, told } from './reading.ts'
import type { Declared } from './reading.ts'

/** One incident whose plan is replaced, stopped in the middle, and taken back: told in order. */
let declared: Declared

it.beforeAll(async ({ slack, ana }) => {
  declared = await declare(slack, ana)
})

describe('another version is asked for', () => {
  it('one that nothing ran is refused to whoever asked, with those there are', async ({
    bot,
    ana,
  }) => {
    const why = await answerTo(ana, 'plan --to v9')
    expect(why).toMatch(/^This is not possible now, so nothing was done and nobody was called: /)
    expect(why).toMatch(/no revision of v9 is kept; kept are v1\.9\.0/)
    expect(countOf(journaled(bot, declared.incident), 'plan-requested')).toBe(0)
    expect(await running(ana)).toEqual(V2)
  })

  it('one that cannot be a version is refused in words', async ({ ana }) => {
    const why = await answerTo(ana, 'plan --to “the last one”')
    expect(why).toMatch(/^Nothing was done\. “the last one” is not a version like v1\.9\.0\. Type:/)
    expect(await answerTo(ana, 'plan v1.8.3')).toMatch(/A version goes after --to\./)
  })

  it('an older one takes the place of the plan that waits: its signatures do not come along', async ({
    slack,
    bot,
    ana,
    bo,
    cy,
  }) => {
    const { incident } = declared
    const thread = await card(slack, 'thread-card', incident, /^Prepare rollback$/m)
    await ana.click(INCIDENTS, thread.ts, 'Prepare rollback')
    const first = await card(slack, 'plan-1', incident, /0 of 2 signatures/)
    await sign(slack, bo, first)
    // Asked for the same, the card stands as it is.
    expect(await answerTo(cy, 'plan')).toMatch(/^\*Plan 1 for this is there already/)
    expect(await answerTo(ana, 'plan --to v1.8.3')).toMatch(/^Plan 1 has been signed already/)
    await card(slack, 'plan-1', incident, /1 of 2 signatures/)
    expect(await answerTo(ana, 'plan --to v1.8.3')).toMatch(/^\*Plan 2 is being made, kubernetes\./)
    const next = await card(slack, 'plan-2', incident, /0 of 2 signatures/)
    expect(next.reads).toMatch(/\*backend\*: v2\.0\.0 .* → \*v1\.8\.3/)
    const note = await noted(slack, declared, /Plan 1, which you signed, was withdrawn/)
    expect(note).toMatch(/<@U0BO>[^]*Next: read plan 2/)
    const old = await card(slack, 'plan-1', incident, /\*Withdrawn\* at .* a newer plan took/)
    expect(old.reads).not.toMatch(/^(Approve|Deny)$/m)
    const late = await told(cy, () =>
      cy.click(INCIDENTS, first.ts, 'Approve', { seen: first.message }),
    )
    expect(late).toMatch(/^This plan takes no signatures: it has ended, another one took its place/)
    expect(refusals(journaled(bot, incident)).at(-1)).toEqual({
      by: CY,
      wish: 'approve',
      reason: 'plan-ended',
    })
    expect((await card(slack, 'plan-2', incident)).reads).toMatch(/0 of 2 signatures/)
    expect(await running(ana)).toEqual(V2)
  })
})

describe('Stop after this step', () => {
  it('ends the run, and says what has been written and what the way back is', async ({
    slack,
    bot,
    ana,
    bo,
    cy,
  }) => {
    const { incident } = declared
    const plan = await card(slack, 'plan-2', incident)
    await sign(slack, bo, plan)
    await sign(slack, cy, plan)
    const run = await card(
      slack,
      'run-2',
      incident,
      /^Step 1 has begun: what it writes is finished first/m,
    )
    await ana.click(INCIDENTS, run.ts, 'Stop after this step')
    const over = await card(slack, 'run-2', incident, /\*Stopped:\*/, 40_000)
    expect(over.reads).toMatch(/<@U0ANA> asked at [\d:]+ UTC to stop/)
    expect(over.reads).toMatch(/What step 1 wrote is not taken back/)
    expect(over.reads).toMatch(/\*Next:\* decide\. _Undo_ goes back/)
    expect(over.reads).not.toMatch(/^Stop after this step$/m)
    await card(slack, 'headline', incident, /Rolling back was stopped after step 1 of \d/)
    const events = journaled(bot, incident)
    expect(countOf(events, 'step-started')).toBe(1)
    // What was written is watched (J10), and nothing is announced as done.
    await card(slack, 'watch-1', incident, /Not yet stable/)
    const page = await card(slack, 'status-page', incident)
    expect(page.reads).not.toMatch(/Status page: monitoring/)
    expect(await answerTo(bo, 'abort')).toMatch(/^Nothing is being carried out/)
  }, 60_000)

  it('and Undo, signed by two, brings v2.0.0 back', async ({ slack, ana, bo, cy }) => {
    const { incident } = declared
    const run = await card(slack, 'run-2', incident, /^Undo$/m)
    await ana.click(INCIDENTS, run.ts, 'Undo')
    const way = await card(slack, 'plan-3', incident, /0 of 2/)
    expect(way.reads).toMatch(/\*backend\*: .* → \*v2\.0\.0/)
    await sign(slack, bo, way)
    await sign(slack, cy, way)
    await card(slack, 'run-3', incident, /was carried out/, 40_000)
    expect(await running(ana)).toEqual(V2)
    await card(slack, 'run-2', incident, ({ reads }) => !/^(Undo|Plan again)$/m.test(reads))
  }, 60_000)
})

it('undo is not offered where nothing was written', async ({ slack, bo }) => {
  const other = await declare(slack, bo)
  const plan = await planned(slack, bo, other)
  expect(plan.reads).not.toMatch(/^Undo$/m)
  await bo.mention(INCIDENTS, 'undo', other.headline.ts)
  const why = await bo.waitForEphemeral(({ text }) => /Nothing was changed here/.test(text))
  expect(why.threadTs).toBe(other.headline.ts)
})
