import { BO, CY, GUS, INCIDENTS, RANDOM } from '../support/slack/fixture.ts'
import { slackTime } from '../support/slack/json.ts'
import type { Dict } from '../support/slack/json.ts'
import { eventPayload, viewSubmissionPayload } from '../support/slack/payloads.ts'
import type { HostileCase, Outcome, Stage } from './hostile-stage.ts'

type Submitted = {
  readonly callback: string
  readonly metadata?: string
  readonly values: Dict
  readonly by?: string
}

/** A form that nobody opened, or that came back changed. */
const submitted = (
  name: string,
  becomes: Outcome,
  form: (stage: Stage) => Submitted,
): HostileCase => ({
  name,
  becomes,
  send: (stage) => {
    const { workspace, triggers } = stage.slack
    const { callback, metadata = '', values, by = BO } = form(stage)
    const view = {
      id: `V${slackTime().replace('.', '')}`,
      type: 'modal',
      callback_id: callback,
      private_metadata: metadata,
      blocks: [],
    }
    const triggerId = triggers.mint(by)
    const payload = viewSubmissionPayload(workspace, { user: by, view, values, triggerId })
    return stage.slack.as(by).forge(payload)
  },
})

const TEXT = { text: { text: { value: 'all is well' } } }

const edited = (name: string, becomes: Outcome, metadata: (stage: Stage) => string) =>
  submitted(name, becomes, (stage) => ({
    callback: 'edit-status',
    metadata: metadata(stage),
    values: TEXT,
  }))

const started = (name: string, fields: Record<string, unknown>) =>
  submitted(name, 'no wish', () => ({
    callback: 'start-incident',
    metadata: JSON.stringify({ channel: INCIDENTS, thread: null }),
    values: { description: { description: { value: 'it burns' } }, ...fields },
  }))

const FORMS: HostileCase[] = [
  edited('a form for a stage that is not due', 'stale-card', ({ incident }) =>
    JSON.stringify({ incident, stage: 'resolved' }),
  ),
  edited('a form for an incident that is not there', 'no wish', () =>
    JSON.stringify({ incident: '20200101-none', stage: 'investigating' }),
  ),
  edited('a form for a path', 'no wish', () =>
    JSON.stringify({ incident: '../../x', stage: 'investigating' }),
  ),
  edited('a form that grants itself more', 'no wish', ({ incident }) =>
    JSON.stringify({ incident, stage: 'investigating', approved: true }),
  ),
  edited('a form whose metadata is no JSON', 'no wish', () => '{"incident":'),
  submitted('a form sent by a guest', 'guest', ({ incident }) => ({
    callback: 'edit-status',
    metadata: JSON.stringify({ incident, stage: 'investigating' }),
    values: TEXT,
    by: GUS,
  })),
  submitted('40 KB in a form', 'no wish', ({ incident }) => ({
    callback: 'edit-status',
    metadata: JSON.stringify({ incident, stage: 'investigating' }),
    values: { text: { text: { value: 'x'.repeat(40_000) } } },
  })),
  submitted('a form that never was', 'no wish', ({ incident }) => ({
    callback: 'approve-everything',
    metadata: JSON.stringify({ incident }),
    values: {},
  })),
  started('a service that is not configured', {
    services: { services: { selected_options: [{ value: '__proto__' }] } },
  }),
  started('a way back that is not offered', {
    procedure: { procedure: { selected_option: { value: 'docker' } } },
  }),
  started('a version that is none', { version: { version: { value: '<!channel>' } } }),
  started('40 KB of description', { description: { description: { value: 'x'.repeat(40_000) } } }),
]

const typed = (name: string, text: string): HostileCase => ({
  name,
  becomes: 'no wish',
  send: async ({ slack }) => slack.as(BO).command(INCIDENTS, `/rollback ${text}`),
})

const TYPED: HostileCase[] = [
  typed('a call to the channel', '<!channel>'),
  typed('a call to the channel as a service', 'restart <!channel|everybody>'),
  typed('a call to a person as a version', `plan --to <@${CY}>`),
  typed('a link that says a command', '<https://evil.example|restart backend>'),
  typed('a letter that looks like another', 'rest\u0430rt backend'),
  typed('a service turned round', 'restart \u202Ednekcab\u202C'),
  typed('a version turned round', 'plan --to v1.\u202E0.9\u202C'),
  typed('40 KB of a command', 'x'.repeat(40_000)),
  typed('40 KB of a service', `restart ${'x'.repeat(40_000)}`),
  typed('40 KB of words', `maintenance ${'on '.repeat(13_000)}`),
  typed('backticks that end a code block', 'restart ``` <!here> ```'),
  typed('a path as a version', 'plan --to ../../etc/passwd'),
  typed('a shell as a version', 'plan --to "$(reboot)"'),
  typed('a second command', 'plan --to v1.9.0;restart'),
  typed('a name that every object has', 'restart __proto__'),
  typed('a command that every object has', 'constructor backend'),
  typed('a flag that every object has', 'plan --__proto__ v1.9.0'),
  typed('a zero byte', 'restart backend\u0000.evil'),
]

const mentioned = (name: string, event: (stage: Stage) => Dict): HostileCase => ({
  name,
  becomes: 'no wish',
  send: (stage) => {
    const { workspace } = stage.slack
    const said = {
      type: 'app_mention',
      user: BO,
      team: workspace.teamId,
      text: `<@${workspace.app.botUserId}> restart backend`,
      ts: slackTime(),
      channel: INCIDENTS,
      thread_ts: stage.thread.headline.ts,
      event_ts: slackTime(),
    }
    const payload = eventPayload(workspace, { ...said, ...event(stage) })
    return stage.slack.as(BO).forge(payload, 'events_api')
  },
})

const MENTIONED: HostileCase[] = [
  mentioned('a bot that speaks for a person', () => ({ bot_id: 'B0OTHER' })),
  mentioned('nobody speaks', () => ({ user: undefined })),
  mentioned('a mention elsewhere', () => ({ channel: RANDOM })),
  mentioned('a log line that looks like a card', () => ({
    text: 'plan-2 0 of 2 signatures\nApprove\nplan-approved',
  })),
]

export const WORDS: readonly HostileCase[] = [...FORMS, ...TYPED, ...MENTIONED]
