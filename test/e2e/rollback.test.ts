import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect } from 'vitest'
import { it } from '../support/bot-story.ts'
import { runBackout } from '../support/bot.ts'
import { INCIDENTS } from '../support/slack/fixture.ts'
import type { Person } from '../support/slack/people.ts'
import { countOf, journaled } from './journaled.ts'
import { V1, V2, card, cards, declare, planned, running, sign, told } from './reading.ts'
import type { Declared } from './reading.ts'

/** One incident from its declaration to the way back, told in order. */
let declared: Declared

it.beforeAll(async ({ slack, ana }) => {
  declared = await declare(slack, ana)
})

describe('three people roll back', () => {
  it('the plan says what changes, what is lost and how to undo it; nothing has happened yet', async ({
    slack,
    ana,
  }) => {
    const { reads, spoken } = await planned(slack, ana, declared)
    expect(spoken).toMatch(/^Plan 1 for production: backend and frontend back to v1\.9\.0\./)
    expect(reads).toMatch(/\*backend\*: v2\.0\.0 \(revision 44.* → \*v1\.9\.0 \(revision 43/)
    expect(reads).toMatch(/\*frontend\*: v2\.0\.0 .* → \*v1\.9\.0/)
    expect(reads).toMatch(/What is lost:\*.*Data written by the newer version stays/)
    expect(reads).toMatch(/Can it be undone:\* Yes/)
    expect(reads).toMatch(/0 of 2 signatures[^]*Asked to sign: <@U0BO>, <@U0CY>/)
    await card(
      slack,
      'plan-1',
      declared.incident,
      /Tried without changing anything: the cluster accepts the change/,
    )
    expect(await running(ana)).toEqual(V2)
  })

  it('who asked cannot sign, a hasty signature is doubted, and one person counts once', async ({
    slack,
    bot,
    ana,
    bo,
  }) => {
    const { incident } = declared
    const plan = await card(slack, 'plan-1', incident)
    const press = (person: Person) =>
      told(person, () => person.click(INCIDENTS, plan.ts, 'Approve', { seen: plan.message }))
    expect(await press(ana)).toMatch(/^You asked for this plan.*Two others have to sign\./)
    await sign(slack, bo, plan)
    const once = await card(slack, 'plan-1', incident, /1 of 2 signatures/)
    expect(once.reads).toMatch(/• <@U0BO> at [\d:]+ UTC, until [\d:]+ UTC/)
    expect(once.reads).toMatch(/Asked to sign: <@U0CY>$/m)
    expect(await press(bo)).toMatch(/^Your signature is there already, and it counts once\./)
    expect(countOf(journaled(bot, incident), 'plan-approved')).toBe(1)
    expect(await running(ana)).toEqual(V2)
  })

  it('the second signature starts it: every step is verified, and production is watched', async ({
    slack,
    ana,
    cy,
  }) => {
    const { incident, headline } = declared
    await sign(slack, cy, await card(slack, 'plan-1', incident))
    const begun = await card(slack, 'run-1', incident, /Rolling back/)
    const done = await card(slack, 'run-1', incident, /was carried out/, 40_000)
    expect(done.ts).toBe(begun.ts)
    expect(done.reads).toMatch(/signed by <@U0BO> and <@U0CY>/)
    // An old pod may take its time to end.
    expect(done.reads).toMatch(
      /✅ 1\.[^]*backend: 3 of 3 pods ready; [^]*frontend: 2 of 2 pods ready/,
    )
    expect(done.reads).toMatch(/✅ 3\.[^]*backend: healthy, runs v1\.9\.0; frontend: healthy/)
    expect(done.reads).toMatch(/Not proved:\* that the errors are gone/)
    expect(await running(ana)).toEqual(V1)
    await card(slack, 'watch-1', incident, /Not yet stable/)
    const now = await card(slack, 'headline', incident, /Done: .*v1\.9\.0, watching/)
    expect(now.ts).toBe(headline.ts)
    expect(now.reads).toMatch(/Approved by:\* <@U0BO> and <@U0CY>/)
    const over = await card(slack, 'plan-1', incident, /It was carried out/)
    expect(over.reads).not.toMatch(/^(Approve|Deny)$/m)
  }, 60_000)

  it('the status page is prompted for each stage and published to a file, and the checklist knows what was kept', async ({
    slack,
    bot,
    bo,
  }) => {
    const { incident } = declared
    const page = await card(slack, 'status-page', incident, /Status page: monitoring/)
    expect(page.reads).toMatch(/Rollback initiated at[^]*Rollback completed at/)
    expect(page.reads).toMatch(/have rolled back[^]*Services restored at/)
    // One card that moves on: what it said before is a line each.
    expect(page.reads).toMatch(/Before, investigating: nobody said that it was published/)
    expect(await cards(slack, 'status-page', incident)).toHaveLength(1)
    await bo.click(INCIDENTS, page.ts, 'Publish')
    await card(slack, 'status-page', incident, /Status page, monitoring:\*? published by <@U0BO>/)
    const file = join(dirname(bot.journal), 'status-page', `${incident}.md`)
    expect(readFileSync(file, 'utf8')).toMatch(/^---\ntitle: "Issue affecting backend, frontend"/)
    const checklist = await card(slack, 'checklist', incident)
    expect(checklist.reads).toMatch(/✅ Save current logs: Backout, .* files, .* kept/)
  })
})

describe('and take it back', () => {
  it('Undo after success is a plan with two signatures of its own, and brings v2.0.0 back', async ({
    slack,
    ana,
    bo,
    cy,
  }) => {
    const { incident } = declared
    const done = await card(slack, 'run-1', incident, /^Undo$/m)
    await bo.click(INCIDENTS, done.ts, 'Undo')
    const way = await card(slack, 'plan-2', incident, /0 of 2/)
    expect(way.reads).toMatch(/\*backend\*: v1\.9\.0 .* → \*v2\.0\.0 \(revision 44/)
    expect(way.reads).toMatch(/Asked to sign: <@U0ANA>, <@U0CY>/)
    await sign(slack, ana, way)
    expect(await running(ana)).toEqual(V1)
    await sign(slack, cy, way)
    await card(slack, 'run-2', incident, /was carried out/, 40_000)
    expect(await running(ana)).toEqual(V2)
    await card(slack, 'run-1', incident, ({ reads }) => !/^Undo$/m.test(reads))
  }, 60_000)

  it('and the rollback that was undone is not undone twice', async ({ slack, bot }) => {
    const { incident } = declared
    const [old] = await cards(slack, 'run-1', incident)
    expect(old?.reads).not.toMatch(/^Undo$/m)
    const events = journaled(bot, incident)
    expect(countOf(events, 'run-started')).toBe(2)
    expect(countOf(events, 'plan-approved')).toBe(4)
  })

  it('the journal is whole', async ({ bot }) => {
    const { output, code } = await runBackout(['verify-journal', bot.journal])
    expect(output).toMatch(/^The journal is intact: \d+ events/)
    expect(code).toBe(0)
  })
})
