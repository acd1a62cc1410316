import { afterAll, beforeAll, expect, it } from 'vitest'
import { shippedSettings, startDemoSlack, startSimulatedBot, type Bot } from '../support/bot.ts'
import {
  ANA,
  APPROVERS,
  BO,
  CY,
  INCIDENTS,
  OTHER_TEAM,
  TEAM,
  XENA,
} from '../support/slack/fixture.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled, refusals } from './journaled.ts'
import { card, declare, planned, type Card, type Declared } from './reading.ts'

const ORGANISATION = 'E0SHOPS'
const SISTER = 'T0SISTER'
/** The ids of the same people in the organisation. */
const [BO_THERE, CY_THERE, XENA_THERE] = ['W0BO', 'W0CY', 'W0XENA']

let slack: Slack
let bot: Bot
let declared: Declared
let plan: Card

/** Our workspace is one of the organisation's: no account tells our workspace as its team. */
beforeAll(async () => {
  slack = await startDemoSlack()
  const { workspace } = slack
  workspace.enterpriseId = ORGANISATION
  for (const user of workspace.users) {
    const isOurs = user.team_id === TEAM
    user.team_id = ORGANISATION
    if (user.id === XENA) delete user.is_stranger
    user.enterprise_user = {
      id: user.id.replace(/^U/, 'W'),
      enterprise_id: ORGANISATION,
      teams: isOurs ? [SISTER, TEAM] : [SISTER],
    }
  }
  slack.group(APPROVERS).has([ANA, BO, CY])
  const settings = shippedSettings({
    'users: [U0ANA, U0BO, U0CY]': `users: [${XENA_THERE}]`,
    'groups: []': `groups: [${APPROVERS}]`,
    'readSeconds: 5': 'readSeconds: 0',
  })
  bot = await startSimulatedBot({ slack, settings })
  declared = await declare(slack, slack.as(ANA))
  plan = await planned(slack, slack.as(ANA), declared)
})

afterAll(async () => {
  await bot?.stop()
  await slack?.stop()
})

/** From the channel as the organisation shares it, with another of its workspaces open. */
const press = (user: string, from: { readonly teamId: string; readonly enterpriseId: string }) =>
  slack.as(user).click(INCIDENTS, plan.ts, 'Approve', { seen: plan.message, ...from })

const SHARED = { teamId: SISTER, enterpriseId: ORGANISATION }

it('tells at the start who is to sign and is in another workspace', async () => {
  await until(() => bot.output().includes('no member of the workspace'), 'the warning')
  expect(bot.output()).toMatch(new RegExp(`"user":"${XENA_THERE}"[^\n]*"kind":"external"`))
})

it('a stranger of the organisation stays one, and one of elsewhere is not even heard', async () => {
  await press(XENA_THERE, SHARED)
  await until(() => refusals(journaled(bot, declared.incident)).length > 0, 'the refusal')
  const refused = { by: XENA_THERE, wish: 'approve', reason: 'external-user' }
  expect(refusals(journaled(bot, declared.incident))).toEqual([refused])
  const heard = countOf(journaled(bot, declared.incident), 'intent-received')
  // Answered is written down: what is acknowledged and not in the journal was not heard.
  await press(BO_THERE, { teamId: OTHER_TEAM, enterpriseId: 'E0ELSEWHERE' })
  expect(countOf(journaled(bot, declared.incident), 'intent-received')).toBe(heard)
})

it('two people sign by the ids that their group does not list, and nobody twice', async () => {
  await press(BO_THERE, SHARED)
  await card(slack, 'plan-1', declared.incident, /1 of 2 signatures/)
  await press(BO, SHARED)
  const again = () => refusals(journaled(bot, declared.incident)).find(({ by }) => by === BO)
  expect(await until(again, 'the refusal of her other id')).toMatchObject({ reason: 'same-human' })
  await press(CY_THERE, SHARED)
  await card(slack, 'run-1', declared.incident, /Done/, 30_000)
  expect(countOf(journaled(bot, declared.incident), 'plan-approved')).toBe(2)
})
