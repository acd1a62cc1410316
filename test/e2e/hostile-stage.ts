import type { Event } from '../../src/domain/incident/event.ts'
import type { RefusalReason } from '../../src/domain/base/refusal.ts'
import type { Bot } from '../support/bot.ts'
import { findElement } from '../support/slack/elements.ts'
import type { Delivery } from '../support/slack/envelopes.ts'
import { ANA, BO, CY, INCIDENTS } from '../support/slack/fixture.ts'
import { dict, dicts } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import { blockActionsPayload } from '../support/slack/payloads.ts'
import type { Slack } from '../support/slack/slack.ts'
import { until } from '../support/slack/waiting.ts'
import { countOf, journaled, refusals } from './journaled.ts'
import { card, declare, planned } from './reading.ts'
import type { Card, Declared } from './reading.ts'

/** Two incidents, each with a plan that waits for signatures, and a plan that was replaced. */
export type Stage = {
  readonly slack: Slack
  readonly bot: Bot
  /** Asked for by Ana: Bo's signature would count. */
  readonly plan: Card
  /** Its card before it was replaced. */
  readonly replaced: Card
  /** Asked for by Cy. */
  readonly other: Card
  readonly incident: string
  readonly thread: Declared
}

/** What becomes of it: journaled as refused for this reason, or never a wish at all. */
export type Outcome = RefusalReason | 'no wish'

export type HostileCase = {
  readonly name: string
  readonly send: (stage: Stage) => Promise<unknown>
  readonly becomes: Outcome
  /** The incident that says so in its journal, if not the one attacked. */
  readonly of?: (stage: Stage) => string
}

export const setStage = async (slack: Slack, bot: Bot): Promise<Stage> => {
  const [ana, cy] = [slack.as(ANA), slack.as(CY)]
  const other = await planned(slack, cy, await declare(slack, cy))
  const thread = await declare(slack, ana)
  const { incident } = thread
  const replaced = await planned(slack, ana, thread)
  await ana.mention(INCIDENTS, 'plan --all', thread.headline.ts)
  const plan = await card(slack, 'plan-2', incident, /0 of 2/)
  await card(slack, 'plan-1', incident, /\*Withdrawn\*/)
  for (const [surface, of] of [
    ['plan-2', incident],
    ['plan-1', other.incident],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- two short looks
    await card(
      slack,
      surface,
      of,
      /Evidence: .* kept[^]*Tried without changing anything: the cluster accepts/,
    )
  }
  for (const of of [incident, other.incident]) {
    // oxlint-disable-next-line no-await-in-loop -- the last that is posted, and then it is quiet
    await card(slack, 'status-page', of)
  }
  return { slack, bot, plan, replaced, other, incident, thread }
}

export const digestOf = (plan: Card): string => {
  const { value } = findElement(dicts(plan.message['blocks']), 'Approve')
  return String(value).split('/')[2] ?? ''
}

type Forged = {
  readonly by?: string
  readonly on?: Card
  readonly label?: string
  readonly action?: Dict
  readonly container?: Dict
  /** Last of all. */
  readonly whole?: Dict
}

/** What Slack would send for Bo's click on Approve, which would count, with a part of it changed. */
export const forged = (stage: Stage, changes: Forged): Dict => {
  const { slack } = stage
  const { by = BO, on = stage.plan, label = 'Approve' } = changes
  const payload = blockActionsPayload(slack.workspace, {
    user: by,
    channel: INCIDENTS,
    message: on.message,
    action: { ...findElement(dicts(on.message['blocks']), label), ...changes.action },
    triggerId: slack.triggers.mint(by),
    responseUrl: slack.responses.mint({ user: by, channel: INCIDENTS, messageTs: on.ts }),
  })
  const container = { ...dict(payload['container']), ...changes.container }
  return { ...payload, container, ...changes.whole }
}

export const press = (stage: Stage, changes: Forged): Promise<Delivery> =>
  stage.slack.as(changes.by ?? BO).forge(forged(stage, changes))

/** What is written down about wishes, and where messages stand: everything else is an effect. */
const NO_EFFECT: ReadonlySet<Event['type']> = new Set([
  'intent-received',
  'intent-refused',
  'message-posting',
  'message-posted',
])

export type State = {
  readonly effects: readonly Event[]
  readonly refused: ReturnType<typeof refusals>
  readonly received: number
}

export const stateOf = ({ bot }: Stage, incident: string): State => {
  const events = journaled(bot, incident)
  return {
    effects: events.filter(({ type }) => !NO_EFFECT.has(type)),
    refused: refusals(events),
    received: countOf(events, 'intent-received'),
  }
}

/** Wishes are decided one after the other: once this one is, everything before it was. */
export const fence = async (stage: Stage): Promise<void> => {
  for (const [by, on] of [
    [ANA, stage.plan],
    [CY, stage.other],
  ] as const) {
    const before = stateOf(stage, on.incident).refused.length
    // oxlint-disable-next-line no-await-in-loop -- one incident after the other
    await press(stage, { by, on })
    // oxlint-disable-next-line no-await-in-loop -- as above
    await until(() => stateOf(stage, on.incident).refused.length > before, 'the fence')
  }
}
