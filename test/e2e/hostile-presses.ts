import {
  ANA,
  ANA_AGAIN,
  ANA_DM,
  BO,
  BOTTY,
  CY,
  DEL,
  GUS,
  INCIDENTS,
  NOBOT,
  OTHER_TEAM,
  RANDOM,
  XENA,
  userOf,
} from '../support/slack/fixture.ts'
import type { SlackUser } from '../support/slack/fixture.ts'
import type { Dict } from '../support/slack/json.ts'
import { digestOf, forged, press } from './hostile-stage.ts'
import type { HostileCase, Outcome, Stage } from './hostile-stage.ts'

type Changes = Parameters<typeof press>[1]

const pressed = (
  name: string,
  becomes: Outcome,
  changes: (stage: Stage) => Changes,
  more: Pick<HostileCase, 'of'> = {},
): HostileCase => ({ name, becomes, send: (stage) => press(stage, changes(stage)), ...more })

const by = (name: string, user: string, becomes: Outcome) =>
  pressed(name, becomes, () => ({ by: user }))

/** Slack says this of the account while the press is judged. */
const account = (name: string, user: string, says: Partial<SlackUser>, becomes: Outcome) => ({
  name,
  becomes,
  send: async (stage: Stage) => {
    const known = userOf(stage.slack.workspace, user)
    if (!known) throw new Error(`there is no ${user}`)
    Object.assign(known, says)
    return press(stage, { by: user })
  },
})

const withValue = (name: string, becomes: Outcome, value: (stage: Stage) => unknown) =>
  pressed(name, becomes, (stage) => ({ action: { value: value(stage) } }))

const withAction = (name: string, becomes: Outcome, action_id: string, parts: string) =>
  pressed(name, becomes, ({ incident }) => ({
    action: { action_id, value: `${incident}${parts}` },
  }))

const withContainer = (name: string, becomes: Outcome, container: (stage: Stage) => Dict) =>
  pressed(name, becomes, (stage) => ({ container: container(stage) }))

const IDENTITY: HostileCase[] = [
  by('a guest', GUS, 'guest'),
  account(
    'a guest of one channel',
    GUS,
    { is_restricted: false, is_ultra_restricted: true },
    'guest',
  ),
  by('a bot', BOTTY, 'bot-account'),
  by('a stranger', XENA, 'external-user'),
  account(
    'a home elsewhere, and no word of a stranger',
    XENA,
    { is_stranger: false },
    'external-user',
  ),
  by('a deactivated account', DEL, 'deactivated'),
  by('who asked', ANA, 'requester'),
  by('who asked, by another account', ANA_AGAIN, 'requester'),
  by('an account that Slack does not know', 'U0NOBODY', 'external-user'),
  by('an approver’s id in small letters', BO.toLowerCase(), 'external-user'),
  by('an approver’s id and a blank', `${BO} `, 'external-user'),
  by('two ids at once', `${BO},${CY}`, 'external-user'),
  pressed('nobody', 'no wish', () => ({ whole: { user: {} } })),
  pressed('an id that is a list', 'no wish', () => ({ whole: { user: { id: [BO] } } })),
  pressed('another workspace', 'no wish', () => ({ whole: { team: { id: OTHER_TEAM } } })),
]

const PLACE: HostileCase[] = [
  ...(
    [
      ['another channel', RANDOM],
      ['a channel without the bot', NOBOT],
      ['a direct message', ANA_DM],
      ['a channel that is not there', 'C0NOWHERE'],
    ] as const
  ).map(([name, id]) =>
    pressed(name, 'no wish', () => ({
      container: { channel_id: id },
      whole: { channel: { id, name: 'incidents' } },
    })),
  ),
  pressed('one channel in one place, another in the other', 'no wish', () => ({
    container: { channel_id: INCIDENTS },
    whole: { channel: { id: RANDOM, name: 'random' } },
  })),
  withContainer('another incident’s card', 'stale-card', ({ other }) => ({ message_ts: other.ts })),
  withContainer('a card that is not there', 'stale-card', () => ({ message_ts: '1.000001' })),
  withContainer('an ephemeral message', 'stale-card', () => ({
    message_ts: '1795366077.000200',
    is_ephemeral: true,
  })),
  withContainer('an unfurled copy', 'stale-card', () => ({
    type: 'message_attachment',
    message_ts: '1795366077.000300',
    attachment_id: 1,
    is_app_unfurl: true,
  })),
  {
    name: 'a copy that somebody forwarded',
    becomes: 'stale-card',
    send: async (stage) => {
      const said = await stage.slack.as(BO).say(INCIDENTS, 'see this card')
      return press(stage, { container: { message_ts: said['ts'] } })
    },
  },
  pressed('a view in place of a message', 'no wish', () => ({
    whole: { container: { type: 'view', view_id: 'V1' } },
  })),
  pressed('the card before it was replaced', 'plan-ended', ({ replaced }) => ({ on: replaced })),
]

const VALUE: HostileCase[] = [
  pressed(
    'another incident, plan and digest',
    'stale-card',
    ({ other }) => ({ action: { value: `${other.incident}/1/${digestOf(other)}` } }),
    { of: ({ other }) => other.incident },
  ),
  withValue('another plan', 'plan-ended', (s) => `${s.incident}/1/${digestOf(s.plan)}`),
  withValue('a plan that is not there', 'plan-ended', (s) => `${s.incident}/3/${digestOf(s.plan)}`),
  withValue(
    'another incident’s digest',
    'plan-changed',
    (s) => `${s.incident}/2/${'0'.repeat(64)}`,
  ),
  withValue(
    'the beginning of the digest',
    'plan-changed',
    (s) => `${s.incident}/2/${digestOf(s.plan).slice(0, 16)}`,
  ),
  withValue('plan 0', 'no wish', (s) => `${s.incident}/0/${digestOf(s.plan)}`),
  withValue('plan 02', 'no wish', (s) => `${s.incident}/02/${digestOf(s.plan)}`),
  withValue('plan 2e0', 'no wish', (s) => `${s.incident}/2e0/${digestOf(s.plan)}`),
  withValue(
    'a digest in capitals',
    'no wish',
    (s) => `${s.incident}/2/${digestOf(s.plan).toUpperCase()}x`,
  ),
  withValue('no digest', 'no wish', (s) => `${s.incident}/2`),
  withValue('more than a digest', 'no wish', (s) => `${s.incident}/2/${digestOf(s.plan)}/2`),
  withValue(
    'an incident that is not there',
    'no wish',
    (s) => `20200101-none/2/${digestOf(s.plan)}`,
  ),
  withValue('a path', 'no wish', () => '../../etc/passwd'),
  withValue('a name that every object has', 'no wish', (s) => `__proto__/2/${digestOf(s.plan)}`),
  withValue('2,000 characters', 'no wish', () => 'x'.repeat(2_000)),
  withValue('a number', 'no wish', () => 2),
  withValue('nothing', 'no wish', () => undefined),
]

const ACTION: HostileCase[] = [
  withAction('stops what does not run', 'nothing-to-abort', 'abort-run', ''),
  withAction('undoes what was never done', 'nothing-to-undo', 'undo-plan', '/1'),
  withAction('ends a watch that is not', 'not-watched', 'stop-watching', ''),
  withAction('declares it again', 'already-declared', 'declare-incident', ''),
  withAction('publishes what nobody drafted', 'stale-card', 'status-published', '/resolved'),
  withAction('ticks what is not on the list', 'no wish', 'tick-item', '/everything'),
  withAction('reports what is no symptom', 'no wish', 'report-symptom', '/bad-mood'),
  withAction('a button that never was', 'no wish', 'launch-missiles', '/2'),
  withAction('a button named like every object', 'no wish', 'constructor', '/2'),
  pressed('no button', 'no wish', () => ({ whole: { actions: [] } })),
  pressed('no trigger', 'no wish', () => ({ whole: { trigger_id: undefined } })),
]

/** The very bytes of a press of Ana's, which was refused: as they were, and in Bo's name. */
const REPLAY: HostileCase[] = [
  {
    name: 'the same press twice',
    becomes: 'requester',
    send: async (stage) => {
      const payload = forged(stage, { by: ANA })
      const ana = stage.slack.as(ANA)
      await ana.forge(payload)
      await ana.forge(payload)
    },
  },
  {
    name: 'the same press again, in an approver’s name',
    becomes: 'requester',
    send: async (stage) => {
      const payload = forged(stage, { by: ANA })
      await stage.slack.as(ANA).forge(payload)
      await stage.slack
        .as(BO)
        .forge({ ...payload, user: { id: BO, team_id: stage.slack.workspace.teamId } })
    },
  },
]

export const PRESSES: readonly HostileCase[] = [
  ...IDENTITY,
  ...PLACE,
  ...VALUE,
  ...ACTION,
  ...REPLAY,
]
