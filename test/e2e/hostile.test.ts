import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Bot } from '../support/bot.ts'
import { dataFolder, shippedSettings, startDemoSlack, startSimulatedBot } from '../support/bot.ts'
import { ANA, BO, CY, INCIDENTS, pipeshub } from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { PRESSES } from './hostile-presses.ts'
import { fence, forged, setStage, stateOf } from './hostile-stage.ts'
import type { HostileCase, Stage } from './hostile-stage.ts'
import { WORDS } from './hostile-words.ts'
import { countOf, journaled, newestIncident } from './journaled.ts'
import { V2, card, cards, rendered, running } from './reading.ts'
import { tellOnFailure } from './tell-on-failure.ts'

/** Everybody may sign here, and at once: what refuses these is what they are. */
const SETTINGS = shippedSettings({
  'users: [U0ANA, U0BO, U0CY]': 'users: [U0ANA, U0ANA2, U0BO, U0CY, U0GUS, U0XENA, U0DEL, U0BOTTY]',
  'readSeconds: 5': 'readSeconds: 0',
  // Nobody is called for signatures while this goes on.
  'afterMinutes: 2': 'afterMinutes: 100',
  'afterMinutes: 4': 'afterMinutes: 101',
})

const data = dataFolder()
let slack: Slack
let bot: Bot
let stage: Stage

tellOnFailure(() => bot)

const start = () => startSimulatedBot({ slack, settings: SETTINGS, data })

beforeAll(async () => {
  slack = await startDemoSlack()
  bot = await start()
  stage = await setStage(slack, bot)
})

afterAll(async () => {
  await bot.stop()
  await slack.stop()
})

/** Everybody is who they were; and a case that came through must not make the next ones pass or fail. */
const setAnew = async () => {
  const { users } = pipeshub()
  slack.workspace.users.splice(0, slack.workspace.users.length, ...users)
  const signed = countOf(journaled(bot, stage.incident), 'plan-approved') > 0
  if (signed) stage = await setStage(slack, bot)
}

const LIVE_MARKUP = /<!|<@U0(BO|CY)>|<https:\/\/evil|\u202E/

/** Nothing done, nothing posted, nothing said that renders; and a refused wish is in the journal. */
const expectNoEffect = async ({ send, becomes, of = ({ incident }) => incident }: HostileCase) => {
  const journal = of(stage)
  const all = [stage.incident, stage.other.incident]
  const before = all.map((incident) => stateOf(stage, incident))
  const attacked = stateOf(stage, journal)
  const newest = newestIncident(bot)
  const whispers = slack.workspace.users.map(({ id }) => slack.ephemerals(id).length)

  const posts = slack.calls('chat.postMessage').length

  await send(stage)
  const wishes = becomes === 'no wish' ? [] : [becomes]
  const refused = () => stateOf(stage, journal).refused.slice(attacked.refused.length)
  await until(() => refused().length >= wishes.length, becomes)
  await fence(stage)

  // The last one is the fence's own.
  expect(
    refused()
      .slice(0, -1)
      .map(({ reason }) => reason),
  ).toEqual(wishes)
  expect(stateOf(stage, journal).received - attacked.received).toBe(wishes.length + 1)
  expect(all.map((incident) => stateOf(stage, incident).effects)).toEqual(
    before.map(({ effects }) => effects),
  )
  expect(all.concat(newest ?? '')).toContain(newestIncident(bot))
  expect(slack.calls('chat.postMessage')).toHaveLength(posts)
  const said = slack.workspace.users.flatMap(({ id }, index) =>
    slack.ephemerals(id).slice(whispers[index]),
  )
  for (const whisper of said) expect(rendered(whisper)).not.toMatch(LIVE_MARKUP)
  for (const { text } of said) expect(text.length).toBeLessThan(600)
}

describe(`${PRESSES.length} presses that mean harm have no effect`, () => {
  beforeEach(setAnew)
  it.each(PRESSES)('$name: $becomes', expectNoEffect)
})

describe(`${WORDS.length} forms and lines that mean harm have no effect`, () => {
  beforeEach(setAnew)
  it.each(WORDS)('$name: $becomes', expectNoEffect)
})

describe('and the same press, unchanged', () => {
  beforeAll(setAnew)

  it('clicked twice in one moment, is one signature', async () => {
    const { incident } = stage
    const bo = slack.as(BO)
    await Promise.all([bo.forge(forged(stage, {})), bo.forge(forged(stage, {}))])
    await card(slack, 'plan-2', incident, /1 of 2 signatures/)
    await until(
      () => stateOf(stage, incident).refused.at(-1)?.reason === 'already-approved',
      'the second to be refused',
    )
    expect(countOf(journaled(bot, incident), 'plan-approved')).toBe(1)
  })

  it('counts, which shows that it was the change that did not; nothing has run', async () => {
    expect(await cards(slack, 'run-2', stage.incident)).toEqual([])
    expect(await running(slack.as(ANA))).toEqual(V2)
  })

  it('sent once more after a restart, is still the same signature', async () => {
    // Not the plan of above: Cy asked for this one, so Bo's signature is the first.
    const { other } = stage
    const payload = forged(stage, { on: other })
    await slack.as(BO).forge(payload)
    await card(slack, 'plan-1', other.incident, /1 of 2 signatures/)
    await bot.kill()
    bot = await start()
    const again = { ...stage, bot }
    const before = stateOf(again, other.incident)
    expect(await slack.as(BO).forge(payload)).toMatchObject({ acked: true })
    expect(await slack.as(ANA).forge({ ...payload, user: { id: ANA } })).toMatchObject({
      acked: true,
    })
    await slack.as(CY).forge(forged(again, { by: CY, on: other }))
    await until(
      () => stateOf(again, other.incident).refused.at(-1)?.reason === 'requester',
      'what came after it',
    )
    const after = stateOf(again, other.incident)
    expect(after.received).toBe(before.received + 1)
    expect(countOf(journaled(bot, other.incident), 'plan-approved')).toBe(1)
  })

  it('and a new plan asked for at the moment of the last one does not inherit it', async () => {
    const { incident, thread } = stage
    const lastRefusal = () => stateOf(stage, incident).refused.at(-1)?.reason ?? ''
    // Whoever takes the place of a signed plan is asked once more.
    await slack.as(CY).mention(INCIDENTS, 'plan', thread.headline.ts)
    await until(() => lastRefusal() === 'takes-signed-place', 'Cy to be asked')
    const asked = stateOf(stage, incident).refused.length
    await Promise.all([
      slack.as(CY).mention(INCIDENTS, 'plan', thread.headline.ts),
      slack.as(CY).forge(forged(stage, { by: CY })),
    ])
    const begun = async () => (await cards(slack, 'run-2', incident)).length > 0
    const replaced = async () => (await cards(slack, 'plan-3', incident)).at(-1)
    await until(async () => (await begun()) || (await replaced()), 'one or the other')
    if (await begun()) {
      // It came between the signature and the run, or after both.
      const refusals = ['takes-signed-place', 'run-in-progress']
      await until(
        () => stateOf(stage, incident).refused.length > asked && refusals.includes(lastRefusal()),
        'the other to be refused',
      )
      await card(slack, 'run-2', incident, /was carried out/, 40_000)
    } else {
      await card(slack, 'plan-3', incident, /0 of 2 signatures/)
      await card(slack, 'plan-2', incident, /\*Withdrawn\*/)
      expect(await running(slack.as(ANA))).toEqual(V2)
    }
  }, 60_000)
})
