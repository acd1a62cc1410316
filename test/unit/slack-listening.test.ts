import { App, type Receiver } from '@slack/bolt'
import { describe, expect, test } from 'vitest'
import type { Listening } from '../../src/adapters/slack/intake.ts'
import type { Served } from '../../src/adapters/slack/served.ts'
import { listen } from '../../src/adapters/slack/listen.ts'
import { replyAddresses } from '../../src/adapters/slack/reply-addresses.ts'
import {
  ACTIONS,
  ADD_TO_TIMELINE_SHORTCUT,
  DECLARE_SHORTCUT,
} from '../../src/chat/reading/action-ids.ts'
import { checkMomentModal } from '../../src/chat/forms/add-moment-modal.ts'
import { byChannel } from '../../src/compose/environments/by-channel.ts'
import { evidenceModal } from '../../src/chat/answers/evidence-modal.ts'
import { planModal } from '../../src/chat/answers/plan-modal.ts'
import { refusalView } from '../../src/chat/answers/refusal.ts'
import { maintenanceModal } from '../../src/chat/forms/maintenance-modal.ts'
import { editStatusModal } from '../../src/chat/forms/edit-status-modal.ts'
import { refusalOf } from '../../src/domain/incident/decide.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { refused } from '../../src/domain/base/refusal.ts'
import { ofNewerVersion } from '../../src/domain/incident/newer-version.ts'
import { newPrompt } from '../../src/domain/incident/status-page.ts'
import { EMPTY_OUTBOX } from '../../src/domain/outbox/outbox.ts'
import {
  assessment,
  at,
  closed,
  declared,
  incidentAfter,
  opened,
  plan,
  proposed,
} from '../support/builders.ts'
import { ANA, INCIDENTS, pipeshub, RANDOM } from '../support/slack/fixture.ts'
import {
  blockActionsPayload,
  commandPayload,
  eventPayload,
  viewActionsPayload,
  viewSubmissionPayload,
} from '../support/slack/payloads.ts'
import { NO_ENROLLING } from '../../src/compose/signing/enrolling.ts'
import { slackThat } from '../support/slack/web-api.ts'

const HEADLINE = '1700.1'
const DIGEST = 'a1'.repeat(32)
const workspace = pipeshub()

const open: Incident = {
  ...incidentAfter(opened, declared),
  outbox: {
    ...EMPTY_OUTBOX,
    message: {
      headline: { kind: 'delivered', receipt: { channel: INCIDENTS, ts: HEADLINE }, at },
    },
  },
  statusPage: { investigating: newPrompt(at) },
}
const other: Incident = { ...open, id: 'i-2', outbox: EMPTY_OUTBOX }

/** The listeners over Bolt, with a journal that takes every wish unless told otherwise. */
async function listening(
  incidents: readonly Incident[],
  changes: Partial<Listening & Served> = {},
) {
  const wishes: Parameters<Served['receive']>[0][] = []
  const told: string[] = []
  const acks: unknown[] = []
  const questions: string[] = []
  const { calls, client } = await slackThat(() => ({ ok: true }))
  const idle: Receiver = { init() {}, start: async () => {}, stop: async () => {} }
  const authorize = async () => ({ botToken: 'xoxb-test', botId: 'B1', botUserId: 'U1' })
  const app = new App({ receiver: idle, authorize, convoStore: false })
  const home: Served = {
    channels: [INCIDENTS],
    services: ['backend'],
    procedures: ['kubernetes'],
    receive: async (wish) => {
      wishes.push(wish)
      return { kind: 'received' }
    },
    incidentIn: async ({ thread }) => (thread === HEADLINE ? open : null),
    openIncidents: () => incidents,
    incident: async (id) => incidents.find((one) => one.id === id) ?? null,
    statusDraft: (_incident, stage) => `The draft for ${stage}.`,
    everyRule: evidenceModal,
    wholePlan: planModal,
    form: (view) => view,
    enrolling: NO_ENROLLING,
    answer: async ({ kind }) => {
      questions.push(kind)
      return { text: `the answer to ${kind}`, blocks: [] }
    },
    ...changes,
  }
  listen({
    app,
    client,
    conversations: {
      post: async (_place, { text }) => {
        told.push(text)
        return { ts: '1' }
      },
      update: async () => {},
      find: async () => null,
      linkTo: async () => null,
      tell: async (_user, place, { text }) => {
        told.push(`${place.thread ?? 'channel'}: ${text}`)
      },
      upload: async () => ({ file: 'F1' }),
      findFile: async () => null,
    },
    replies: replyAddresses(Date.now),
    log: { info() {}, warn() {}, error() {} },
    at: byChannel([home], []),
    home,
    whoIs: async () => 'member',
    zoneOf: async () => 'Europe/Berlin',
    now: () => Date.UTC(2026, 10, 22, 6),
    refusePerson: refusalOf,
    openHome: async () => {},
    drill: async ({ what }) => ({ text: `the drill ${what}`, blocks: [] }),
    ...changes,
  })
  const send = (body: object) =>
    app.processEvent({
      body: { ...body },
      ack: async (response: unknown) => {
        acks.push({ response, after: wishes.length })
      },
    })
  const common = { user: ANA, triggerId: 't.1', responseUrl: 'http://127.0.0.1:9/' }
  return {
    wishes,
    told,
    acks,
    calls,
    questions,
    type: (text: string, channel = INCIDENTS) =>
      send(commandPayload(workspace, { ...common, channel, command: '/rollback', text })),
    mention: (text: string, thread_ts?: string) =>
      send(
        eventPayload(workspace, {
          type: 'app_mention',
          user: ANA,
          text: `<@U0BACKOUT> ${text}`,
          channel: INCIDENTS,
          ts: '1700.9',
          ...(thread_ts ? { thread_ts } : {}),
        }),
      ),
    press: (action_id: string, value: string) =>
      send(
        blockActionsPayload(workspace, {
          ...common,
          channel: INCIDENTS,
          message: { ts: '1700.2', thread_ts: HEADLINE },
          action: { type: 'button', action_id, block_id: 'b', value },
        }),
      ),
    turn: (view: object, action_id: string, value: string) =>
      send(
        viewActionsPayload(workspace, {
          user: ANA,
          triggerId: 't.4',
          view: { ...view, id: 'V1' },
          action: { type: 'button', action_id, block_id: 'b', value },
        }),
      ),
    shortcut: (callback_id: string = DECLARE_SHORTCUT, message: object = {}) =>
      send({
        type: 'message_action',
        callback_id,
        trigger_id: 't.3',
        team: { id: 'T1' },
        user: { id: ANA },
        channel: { id: INCIDENTS },
        message: {
          text: 'all is red',
          ts: `${Date.UTC(2026, 10, 22, 1, 30) / 1000}.000100`,
          ...message,
        },
      }),
    fill: (view: object, values: object) =>
      send(
        viewSubmissionPayload(workspace, {
          user: ANA,
          triggerId: 't.2',
          view: { ...view, id: 'V1' },
          values: { ...values },
        }),
      ),
    submit: (view: object, text: string, field = 'text') =>
      send(
        viewSubmissionPayload(workspace, {
          user: ANA,
          triggerId: 't.2',
          view: { ...view, id: 'V1' },
          values: {
            [field]: { [field]: { type: 'plain_text_input', value: text } },
            state: { state: { type: 'static_select', selected_option: null } },
          },
        }),
      ),
  }
}

const intentsOf = (wishes: Parameters<Served['receive']>[0][]) =>
  wishes.map(({ incident, received: { intent } }) => ({ incident, intent }))

describe('what is typed', () => {
  test('is made durable for the incident it means, and then acknowledged', async () => {
    const { type, wishes, acks, told } = await listening([open])
    await type('restart backend')
    const request = { kind: 'restart', service: 'backend' }
    expect(intentsOf(wishes)).toEqual([{ incident: 'i-1', intent: { kind: 'plan', request } }])
    expect(wishes[0]?.received).toMatchObject({ delivery: 'command:t.1', by: ANA, card: null })
    expect(acks).toEqual([{ response: undefined, after: 1 }])
    expect(told).toEqual([])
  })

  test('in the thread of an incident is for that one, among several', async () => {
    const { mention, wishes } = await listening([open, other])
    await mention('abort', HEADLINE)
    expect(intentsOf(wishes)).toEqual([{ incident: 'i-1', intent: { kind: 'abort', plan: null } }])
    expect(wishes[0]?.received.place).toEqual({ channel: INCIDENTS, thread: HEADLINE })
  })

  test.each(['abort', 'undo', 'monitor', 'plan', 'clear-cache'])(
    'for one of several incidents, %s asks which, and nothing is made durable',
    async (line) => {
      const { type, mention, wishes, told } = await listening([open, other])
      await type(line)
      await mention(line)
      expect(wishes).toEqual([])
      expect(told).toHaveLength(2)
      for (const text of told) expect(text).toMatch(/^channel: Several incidents are open: i-1/)
    },
  )

  test('opens an incident of its own where none is open', async () => {
    const { type, wishes } = await listening([])
    await type('maintenance on')
    expect(wishes.map(({ incident }) => incident)).toEqual([null])
  })

  test('as a question is answered, and is no wish', async () => {
    const { type, wishes, told } = await listening([open])
    await type('ping')
    expect(told).toEqual(['channel: the answer to ping'])
    expect(wishes).toEqual([])
  })

  test('verify is a wish of the incident, durable before it is acknowledged, and a question too', async () => {
    const { type, mention, wishes, told, acks } = await listening([open])
    await type('verify')
    expect(acks).toMatchObject([{ after: 1 }])
    await mention('verify', HEADLINE)
    expect(wishes.map(({ incident, received }) => [incident, received.intent])).toEqual([
      ['i-1', { kind: 'verify' }],
      ['i-1', { kind: 'verify' }],
    ])
    expect(told).toEqual(['channel: the answer to verify', 'the answer to verify'])
  })

  test.each([[[]], [[open, other]]])(
    'where no incident is meant, it is for whoever asked alone',
    async (incidents) => {
      const { type, mention, wishes, told } = await listening(incidents)
      await type('verify')
      await mention('verify')
      expect(wishes).toEqual([])
      expect(told).toEqual(Array(2).fill('channel: the answer to verify'))
    },
  )

  test('verify by a stranger is a wish that is refused, and nothing is looked up for them', async () => {
    const { type, told, questions } = await listening([open], { whoIs: async () => 'guest' })
    await type('verify')
    expect([told, questions]).toEqual([[], []])
  })

  test('in another channel does nothing', async () => {
    const { type, wishes, told } = await listening([open])
    await type('abort', RANDOM)
    expect(wishes).toEqual([])
    expect(told[0]).toContain('does not work in this channel')
  })

  test('while incidents cannot be read is refused with the reason', async () => {
    const openIncidents = () => {
      throw new Fault({ kind: 'retryable', dependency: 'journal', detail: 'the disk is gone' })
    }
    const { type, acks, told } = await listening([], { openIncidents })
    await type('abort')
    expect(acks).toHaveLength(1)
    expect(told[0]).toContain('cannot write its journal (the disk is gone)')
  })
})

describe('for whoever is no member nothing is looked up', () => {
  const lines = ['logs backend', 'deployments', 'metrics', 'targets', 'ping', 'status']

  test.each(['guest', 'bot', 'external', 'deactivated', 'unknown'] as const)(
    '%s: they hear why',
    async (kind) => {
      const drafts: string[] = []
      const { type, mention, shortcut, press, told, ...here } = await listening([open], {
        whoIs: async () => kind,
        statusDraft: (_incident, stage) => String(drafts.push(stage)),
      })
      for (const line of lines) {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await type(line)
        // oxlint-disable-next-line no-await-in-loop -- as above
        await mention(line)
      }
      await type('start')
      await shortcut()
      await press(ACTIONS.editStatus, 'i-1/investigating')
      expect([here.questions, drafts, here.calls, here.wishes]).toEqual([[], [], [], []])
      const reason = refusalView(refusalOf(kind)!).text
      expect(told).toHaveLength(2 * lines.length + 3)
      for (const text of told) expect(text).toContain(reason)
    },
  )

  test('and a member is not asked to wait for a form until production has answered', async () => {
    const { type, shortcut, calls, questions: asked } = await listening([open])
    await type('start')
    await shortcut()
    expect(calls.map(({ method }) => method)).toEqual(['views.open', 'views.open'])
    expect(asked).toEqual([])
  })
})

describe('a press', () => {
  test.each<[string, string, object]>([
    [ACTIONS.approve, `i-1/2/${DIGEST}`, { kind: 'approve', plan: 2, digest: DIGEST }],
    [ACTIONS.abort, 'i-1', { kind: 'abort', plan: null }],
    [ACTIONS.stopWatching, 'i-1', { kind: 'watch', on: false }],
    [ACTIONS.tick, 'i-1/customers-told', { kind: 'tick', item: 'customers-told' }],
  ])('of %s is durable before it is acknowledged', async (action, value, intent) => {
    const { press, wishes, acks } = await listening([open])
    await press(action, value)
    expect(intentsOf(wishes)).toEqual([{ incident: 'i-1', intent }])
    expect(wishes[0]?.received.card).toBe('1700.2')
    expect(acks).toEqual([{ response: undefined, after: 1 }])
  })

  test.each([
    [ACTIONS.approve, 'i-1/2/short'],
    ['approve-everything', 'i-1'],
  ])('of %s with %j is acknowledged, and does nothing', async (action, value) => {
    const { press, wishes, acks } = await listening([open])
    await press(action, value)
    expect(wishes).toEqual([])
    expect(acks).toHaveLength(1)
  })
})

describe('every rule behind an answer', () => {
  test('opens beside the card, and is no wish', async () => {
    const { press, calls, wishes } = await listening([{ ...open, assessment: assessment() }])
    await press(ACTIONS.showEvidence, 'i-1')
    expect(calls.map(({ method }) => method)).toEqual(['views.open'])
    expect(calls[0]?.args).toMatchObject({ trigger_id: 't.1' })
    expect(calls[0]?.args['view']).toContain('complete-outage')
    expect(wishes).toEqual([])
  })

  test.each<[string, readonly Incident[], RegExp]>([
    ['is not there', [], /no incident i-1/],
    ['has no answer', [open], /card is old/],
  ])('does not open when the incident %s', async (_, incidents, says) => {
    const { press, calls, told } = await listening(incidents)
    await press(ACTIONS.showEvidence, 'i-1')
    expect(calls).toEqual([])
    expect(told.join()).toMatch(says)
  })

  test('is not shown to a guest', async () => {
    const answered = [{ ...open, assessment: assessment() }]
    const { press, calls, told } = await listening(answered, { whoIs: async () => 'guest' })
    await press(ACTIONS.showEvidence, 'i-1')
    expect(calls).toEqual([])
    expect(told.join()).toMatch(/Guests cannot/)
  })
})

describe('a plan that its card does not hold', () => {
  const long = 'one word after another '.repeat(700)
  const proposal = plan({ lost: long })
  const { digest } = proposal
  const planned: Incident = {
    ...incidentAfter(opened, declared, ...proposed(proposal)),
    outbox: open.outbox,
  }

  test('opens whole beside the card, turns its pages, and is no wish', async () => {
    const { press, turn, calls, wishes } = await listening([planned])
    await press(ACTIONS.showPlan, `i-1/1/${digest}`)
    expect(calls.map(({ method }) => method)).toEqual(['views.open'])
    expect(calls[0]?.args).toMatchObject({ trigger_id: 't.1' })
    const view = JSON.parse(calls[0]?.args['view'] ?? '') as object
    expect(JSON.stringify(view)).toContain('Page 1 of 2')
    await turn(view, ACTIONS.planPageNext, '2')
    expect(calls.map(({ method }) => method)).toEqual(['views.open', 'views.update'])
    expect(calls[1]?.args).toMatchObject({ view_id: 'V1' })
    expect(calls[1]?.args['view']).toContain('Page 2 of 2')
    expect(wishes).toEqual([])
  })

  test.each<[string, readonly Incident[], string, RegExp]>([
    ['its incident is not there', [], digest, /no incident i-1/],
    ['nothing is proposed', [open], digest, /card is old/],
    ['another one is proposed', [planned], DIGEST, /plan has changed/],
  ])('does not open when %s', async (_, incidents, sent, says) => {
    const { press, calls, told } = await listening(incidents)
    await press(ACTIONS.showPlan, `i-1/1/${sent}`)
    expect(calls).toEqual([])
    expect(told.join()).toMatch(says)
  })

  test('is not shown to a guest, on no page', async () => {
    const { press, turn, calls, told } = await listening([planned], { whoIs: async () => 'guest' })
    await press(ACTIONS.showPlan, `i-1/1/${digest}`)
    const about = { incident: 'i-1', plan: 1, digest, place: { channel: INCIDENTS, thread: null } }
    await turn({ private_metadata: JSON.stringify(about) }, ACTIONS.planPageNext, '2')
    expect(calls).toEqual([])
    expect(told).toHaveLength(2)
    for (const text of told) expect(text).toMatch(/Guests cannot/)
  })

  test('turns no page for what is not ours to read', async () => {
    const { turn, calls, acks } = await listening([planned])
    for (const metadata of ['', '{}', '{"incident":"../x"}']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await turn({ private_metadata: metadata }, ACTIONS.planPageNext, '2')
    }
    await turn({ private_metadata: '{}' }, ACTIONS.planPageBefore, 'all')
    expect(calls).toEqual([])
    expect(acks).toHaveLength(4)
  })
})

describe('a message for the timeline', () => {
  const chosen = (value: string) => ({ type: 'static_select', selected_option: { value } })
  const values = (time: string, incident = 'i-1', text = 'Logins began to fail') => ({
    incident: { incident: chosen(incident) },
    text: { text: { type: 'plain_text_input', value: text } },
    time: { time: { type: 'plain_text_input', value: time } },
  })
  const shown = (acks: readonly unknown[]) => acks.at(-1) as { response?: { view: object } }

  async function formOf(changes: Partial<Listening> = {}, message: object = {}) {
    const heard = await listening([open, other], changes)
    await heard.shortcut(ADD_TO_TIMELINE_SHORTCUT, message)
    const view = JSON.parse(heard.calls[0]?.args['view'] ?? 'null') as object
    return { ...heard, view }
  }

  test('opens with its words and its time where they are, in the incident whose thread it is', async () => {
    const message = { text: 'all is &lt;red&gt;', thread_ts: HEADLINE }
    const { view, calls } = await formOf({}, message)
    expect(calls.map(({ method }) => method)).toEqual(['views.open'])
    const said = JSON.stringify(view)
    expect(said).toContain('"initial_value":"all is <red>"')
    expect(said).toContain('"initial_value":"2026-11-22 02:30"')
    expect(said).toContain('In your time, Europe/Berlin')
    expect(said).toMatch(/"initial_option":\{[^{]*\{[^}]*\},"value":"i-1"/)
  })

  test('shows how its time was read before it is kept, and is then one wish', async () => {
    const { view, fill, acks, wishes } = await formOf()
    await fill(view, values('at 2:15', 'i-2'))
    expect(wishes).toEqual([])
    const check = shown(acks).response?.view ?? {}
    expect(JSON.stringify(check)).toContain(
      '*2026-11-22 02:15 in Europe/Berlin (UTC+01:00)*, which is 2026-11-22 01:15 UTC',
    )
    await fill(check, {})
    expect(intentsOf(wishes)).toEqual([
      {
        incident: 'i-2',
        intent: { kind: 'add-to-timeline', at: moment.times[0], text: 'Logins began to fail' },
      },
    ])
    expect(acks.at(-1)).toEqual({ response: undefined, after: 1 })
  })

  test('keeps the time of the message itself to the second, when nobody changed it', async () => {
    const { view, fill, acks, wishes } = await formOf({ conversations: linking })
    await fill(view, values('2026-11-22 02:30'))
    await fill(shown(acks).response?.view ?? {}, {})
    expect(wishes[0]?.received.intent).toMatchObject({
      at: '2026-11-22T01:30:00.000Z',
      link: 'https://team.slack.test/archives/C1/p1',
    })
  })

  test('asks which it is, where the clocks had it twice', async () => {
    const { view, fill, acks, wishes } = await formOf()
    await fill(view, values('2026-10-25 02:30'))
    const check = shown(acks).response?.view ?? {}
    expect(JSON.stringify(check)).toContain('Before that: UTC+02:00, 2026-10-25 00:30 UTC')
    expect(JSON.stringify(check)).toContain('After that: UTC+01:00, 2026-10-25 01:30 UTC')
    await fill(check, { which: { which: { type: 'radio_buttons', selected_option: null } } })
    expect(acks.at(-1)).toMatchObject({
      response: { errors: { which: expect.stringMatching(/Choose/) } },
    })
    await fill(check, { which: { which: chosen('1') } })
    expect(wishes.map(({ received }) => received.intent)).toMatchObject([
      { at: '2026-10-25T01:30:00.000Z' },
    ])
  })

  test.each([
    [
      '2026-03-29 02:30',
      { time: expect.stringMatching(/There was no such time in Europe\/Berlin/) },
    ],
    ['2026-11-22 23:00', { time: expect.stringMatching(/still to come/) }],
    ['half past two', { time: expect.stringMatching(/Type it like 2:30/) }],
    ['', { time: expect.stringMatching(/Type it like 2:30/) }],
  ])('refuses %j with words, beside its field', async (time, errors) => {
    const { view, fill, acks, wishes } = await formOf()
    await fill(view, values(time))
    expect(acks.at(-1)).toMatchObject({ response: { response_action: 'errors', errors } })
    expect(wishes).toEqual([])
  })

  test('believes nothing that came back with the form', async () => {
    const { view, fill, acks, wishes } = await formOf()
    const forged = ['', '{}', '{"zone":"Mars/Olympus","written":"x","link":null}', 'null']
    for (const private_metadata of forged) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await fill({ ...view, private_metadata }, values('2:15'))
    }
    await fill({ ...view }, values('2:15', '../x'))
    await fill({ ...view }, values('2:15', 'i-1', '  '))
    await fill({ ...checkMomentModal(moment), private_metadata: '{"incident":"i-1"}' }, {})
    expect(wishes).toEqual([])
    for (const ack of acks.slice(1)) {
      expect(ack).toMatchObject({ response: { response_action: 'errors' } })
    }
  })

  test('does not open where nothing is declared, nor for a guest', async () => {
    const none = await listening([])
    await none.shortcut(ADD_TO_TIMELINE_SHORTCUT)
    expect(none.told.join()).toMatch(/No incident is declared/)
    const guest = await formOf({ whoIs: async () => 'guest' })
    expect(guest.calls).toEqual([])
    expect(guest.told.join()).toMatch(/Guests cannot/)
  })
})

const moment = {
  incident: 'i-1',
  text: 'x',
  zone: 'UTC',
  times: ['2026-11-22T01:15:00.000Z'],
  link: null,
}

const linking: Listening['conversations'] = {
  post: async () => ({ ts: '1' }),
  update: async () => {},
  find: async () => null,
  linkTo: async () => 'https://team.slack.test/archives/C1/p1',
  upload: async () => ({ file: 'F1' }),
  findFile: async () => null,
  tell: async () => {},
}

describe('the form for maintenance', () => {
  const view = maintenanceModal(JSON.stringify({ channel: INCIDENTS, thread: null }))

  test('opens when nothing else is typed, and is a wish when it is submitted', async () => {
    const { type, submit, calls, wishes } = await listening([open])
    await type('maintenance')
    expect(calls.map(({ method }) => method)).toEqual(['views.open'])
    expect(JSON.parse(calls[0]?.args['view'] ?? '')).toEqual(view)
    expect(wishes).toEqual([])
    await submit(view, 'Back at 04:00 UTC', 'message')
    const request = { kind: 'maintenance', on: true, message: 'Back at 04:00 UTC' }
    expect(intentsOf(wishes)).toEqual([{ incident: 'i-1', intent: { kind: 'plan', request } }])
  })

  test('cannot open from a mention, which says what to type', async () => {
    const { mention, calls, told } = await listening([open])
    await mention('maintenance')
    expect(calls).toEqual([])
    expect(told.join()).toContain('On or off?')
  })
})

describe('the form for the status page', () => {
  const about = { incident: 'i-1', stage: 'investigating' as const }
  const view = editStatusModal(about, 'x')

  test('opens with the draft', async () => {
    const { press, calls, told } = await listening([open])
    await press(ACTIONS.editStatus, 'i-1/investigating')
    expect(told).toEqual([])
    expect(calls.map(({ method }) => method)).toEqual(['views.open'])
    expect(calls[0]?.args).toMatchObject({ trigger_id: 't.1' })
    expect(JSON.parse(calls[0]?.args['view'] ?? '')).toEqual(
      editStatusModal({ ...about, channel: INCIDENTS }, 'The draft for investigating.'),
    )
  })

  test('opens with what a person wrote before', async () => {
    const investigating = { ...newPrompt(at), text: 'Ours.' }
    const { press, calls } = await listening([{ ...open, statusPage: { investigating } }])
    await press(ACTIONS.editStatus, 'i-1/investigating')
    expect(calls[0]?.args['view']).toContain('"initial_value":"Ours."')
  })

  const decided = { decision: 'skipped' as const, by: ANA, at }
  const skipped = { investigating: { ...newPrompt(at), decided } }
  test.each<[string, readonly Incident[], RegExp]>([
    ['is not there', [], /no incident i-1/],
    ['never asked for it', [{ ...open, statusPage: {} }], /card is old/],
    ['has it answered', [{ ...open, statusPage: skipped }], /published or skipped before/],
  ])('does not open when the incident %s', async (_, incidents, says) => {
    const { press, calls, told } = await listening(incidents)
    await press(ACTIONS.editStatus, 'i-1/investigating')
    expect(calls).toEqual([])
    expect(told.join()).toMatch(says)
  })

  test('is a wish when it is submitted, from the thread of its incident', async () => {
    const { submit, wishes, acks } = await listening([open])
    await submit(view, ' We look into it. ')
    const intent = { kind: 'edit-status', stage: 'investigating', text: 'We look into it.' }
    expect(intentsOf(wishes)).toEqual([{ incident: 'i-1', intent }])
    expect(wishes[0]?.received).toMatchObject({
      delivery: 'submission:V1',
      by: ANA,
      place: { channel: INCIDENTS, thread: HEADLINE },
      card: null,
    })
    expect(acks).toEqual([{ response: undefined, after: 1 }])
  })

  test('keeps what was typed while it cannot be made durable', async () => {
    const receive = async () => ({ kind: 'refused', reason: 'restarting', detail: null }) as const
    const { submit, acks, told } = await listening([open], { receive })
    await submit(view, 'We look into it.')
    const errors = { text: expect.stringContaining('Backout is restarting') }
    expect(acks).toEqual([{ response: { response_action: 'errors', errors }, after: 0 }])
    expect(told).toEqual([])
  })

  test('is left open when its text or its incident is not to be read', async () => {
    const { submit, wishes, acks } = await listening([open])
    await submit(view, '  ')
    await submit({ ...view, private_metadata: '{"incident":"i-1"}' }, 'text')
    expect(wishes).toEqual([])
    expect(acks).toHaveLength(2)
    for (const ack of acks) expect(ack).toMatchObject({ response: { response_action: 'errors' } })
  })
})

test('a wish for a closed incident reaches the decision, which refuses it', async () => {
  const incidentIn = async () => incidentAfter(opened, declared, closed)
  const { mention, wishes } = await listening([], { incidentIn })
  await mention('abort', HEADLINE)
  expect(intentsOf(wishes)).toEqual([{ incident: 'i-1', intent: { kind: 'abort', plan: null } }])
})

describe('of an incident in which a newer version of Backout has written', () => {
  const incidentIn = async () => Promise.reject(ofNewerVersion('moon-rose'))

  test('what is typed in its thread is done nowhere else, and whoever typed it is told to try again', async () => {
    const { mention, wishes, told } = await listening([open], { incidentIn })
    await mention('abort', HEADLINE)
    expect(wishes).toEqual([])
    expect(told).toEqual([expect.stringMatching(/Nothing was done\. .*Try again in a minute/)])
  })

  test('whoever asks for something is told that it is written down, and by which version it is done', async () => {
    const because = refused('left-to-newer-version')
    const receive = async () => ({ kind: 'left', because }) as const
    const { mention, told } = await listening([open], { receive })
    await mention('abort', HEADLINE)
    expect(told).toEqual([expect.stringMatching(/is written down\. .*the newer one does it/)])
  })
})
