import { App, type Receiver } from '@slack/bolt'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { listen } from '../../src/adapters/slack/listen.ts'
import { replyAddresses } from '../../src/adapters/slack/reply-addresses.ts'
import type { Served } from '../../src/adapters/slack/served.ts'
import { ACTIONS, MAINTENANCE_MODAL, START_MODAL } from '../../src/chat/reading/action-ids.ts'
import { closeModal } from '../../src/chat/forms/close-modal.ts'
import { denyModal } from '../../src/chat/forms/deny-modal.ts'
import { editStatusModal } from '../../src/chat/forms/edit-status-modal.ts'
import { evidenceModal } from '../../src/chat/answers/evidence-modal.ts'
import { planModal } from '../../src/chat/answers/plan-modal.ts'
import { NO_ENROLLING } from '../../src/compose/signing/enrolling.ts'
import { byChannel } from '../../src/compose/environments/by-channel.ts'
import { refusalOf } from '../../src/domain/incident/decide.ts'
import { refused, type Refusal } from '../../src/domain/base/refusal.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import { EMPTY_OUTBOX } from '../../src/domain/outbox/outbox.ts'
import { assessment, at, declared, incidentAfter, opened } from '../support/builders.ts'
import { ANA, ANA_DM, INCIDENTS, pipeshub, RANDOM } from '../support/slack/fixture.ts'
import {
  blockActionsPayload,
  commandPayload,
  eventPayload,
  messageActionPayload,
  viewSubmissionPayload,
} from '../support/slack/payloads.ts'
import { slackThat } from '../support/slack/web-api.ts'

const STAGING = 'C0STAGING'
const AWAY = 'C0AWAY'
const DIGEST = 'a1'.repeat(32)
const workspace = pipeshub()

/** Whose each channel is. Nobody is reached from the others, and forms that come from there go home. */
const OWNERS: Record<string, string> = { [INCIDENTS]: 'home', [STAGING]: 'staging' }
const HEADLINES: Record<string, string> = { home: '1700.1', staging: '1800.1' }

/** What an environment was asked, and with which incident or place of whom. */
type Asked = { readonly of: string; readonly channel: string | null; readonly what: string }

function incidentOf(id: string, channel: string, ts: string): Incident {
  return {
    ...incidentAfter(opened, declared),
    id,
    assessment: assessment(),
    outbox: {
      ...EMPTY_OUTBOX,
      message: { headline: { kind: 'delivered', receipt: { channel, ts }, at } },
    },
  }
}

function servedFor(of: string, channel: string, asked: Asked[]): Served {
  const own = incidentOf(`${of}-1`, channel, HEADLINES[of] ?? '')
  const note = (what: string, from: string | null = null) => asked.push({ of, what, channel: from })
  return {
    channels: [channel],
    services: ['backend'],
    procedures: ['kubernetes'],
    async receive({ incident, received }) {
      note(`receive ${incident}`, received.place.channel)
      return incident === null || incident === own.id
        ? { kind: 'received' }
        : refused('incident-unknown', incident)
    },
    async incidentIn(place) {
      note('thread', place.channel)
      return place.thread === HEADLINES[of] ? own : null
    },
    openIncidents: () => (note('open'), [own]),
    async incident(id) {
      note(`incident ${id}`)
      return id === own.id ? own : null
    },
    statusDraft: () => 'A draft.',
    everyRule: evidenceModal,
    wholePlan: planModal,
    form: (view) => view,
    enrolling: NO_ENROLLING,
    async answer({ kind }) {
      note(`answer ${kind}`)
      return { text: 'the answer', blocks: [] }
    },
  }
}

/** Two environments over Bolt, and a third whose people are told that nobody is there. */
async function twoEnvironments() {
  const asked: Asked[] = []
  const home = servedFor('home', INCIDENTS, asked)
  const staging = servedFor('staging', STAGING, asked)
  const away: Refusal = refused('restarting')
  const told: string[] = []
  const { client } = await slackThat(() => ({ ok: true }))
  const idle: Receiver = { init() {}, start: async () => {}, stop: async () => {} }
  const authorize = async () => ({ botToken: 'xoxb-test', botId: 'B1', botUserId: 'U1' })
  const app = new App({ receiver: idle, authorize, convoStore: false })
  listen({
    app,
    client,
    conversations: {
      post: async () => ({ ts: '1' }),
      update: async () => {},
      find: async () => null,
      linkTo: async () => null,
      tell: async (_user, _place, { text }) => void told.push(text),
      upload: async () => ({ file: 'F1' }),
      findFile: async () => null,
    },
    replies: replyAddresses(Date.now),
    log: { info() {}, warn() {}, error() {} },
    at: byChannel([home, staging], [{ channel: AWAY, served: () => away }]),
    home,
    whoIs: async () => 'member',
    zoneOf: async () => 'UTC',
    now: () => Date.UTC(2026, 10, 22, 6),
    refusePerson: refusalOf,
    openHome: async () => {},
    drill: async ({ what }) => ({ text: `the drill ${what}`, blocks: [] }),
  })
  const send = (body: object) => app.processEvent({ body: { ...body }, ack: async () => {} })
  return { asked, told, send }
}

const common = { user: ANA, triggerId: 't.1', responseUrl: 'http://127.0.0.1:9/' }
const channel = fc.constantFrom(INCIDENTS, STAGING, AWAY, RANDOM, ANA_DM, 'C0UNHEARDOF')
const incident = fc.constantFrom('home-1', 'staging-1', 'nobody-1')
const thread = fc.constantFrom(undefined, ...Object.values(HEADLINES))

/** All that people send: from where, and a delivery that means any incident. */
const delivery = fc.oneof(
  fc.record({ channel, line: line() }).map(({ channel: from, line: text }) => ({
    from,
    body: commandPayload(workspace, { ...common, channel: from, command: '/rollback', text }),
  })),
  fc.record({ channel, line: line(), thread }).map(({ channel: from, line: text, thread: ts }) => ({
    from,
    body: eventPayload(workspace, {
      type: 'app_mention',
      user: ANA,
      text: `<@U0BACKOUT> ${text}`,
      channel: from,
      ts: '1900.9',
      ...(ts ? { thread_ts: ts } : {}),
    }),
  })),
  fc.record({ channel, incident, thread, press: press() }).map((drawn) => ({
    from: drawn.channel,
    body: blockActionsPayload(workspace, {
      ...common,
      channel: drawn.channel,
      message: { ts: '1700.2', ...(drawn.thread ? { thread_ts: drawn.thread } : {}) },
      action: {
        type: 'button',
        action_id: drawn.press[0],
        block_id: 'b',
        value: `${drawn.incident}${drawn.press[1]}`,
      },
    }),
  })),
  fc.record({ channel, incident, form: form() }).map((drawn) => ({
    from: drawn.channel,
    body: viewSubmissionPayload(workspace, {
      user: ANA,
      triggerId: 't.2',
      ...drawn.form(drawn.incident, drawn.channel),
    }),
  })),
  fc
    .record({ channel, shortcut: fc.constantFrom('declare-incident', 'add-to-timeline') })
    .map(({ channel: from, shortcut }) => ({
      from,
      body: messageActionPayload(workspace, {
        ...common,
        channel: from,
        callbackId: shortcut,
        message: { text: 'all is red', ts: '1700000000.000100' },
      }),
    })),
)

function line() {
  return fc.constantFrom(
    'assess',
    'abort',
    'plan --to v1.9.0',
    'maintenance on',
    'verify',
    'status home-1',
    'status staging-1',
    'report staging-1',
    'report home-1',
    'logs backend',
    'start',
  )
}

function press() {
  return fc.constantFrom<[string, string]>(
    [ACTIONS.declare, ''],
    [ACTIONS.approve, `/1/${DIGEST}`],
    [ACTIONS.deny, `/1/${DIGEST}`],
    [ACTIONS.showPlan, `/1/${DIGEST}`],
    [ACTIONS.showEvidence, ''],
    [ACTIONS.close, ''],
    [ACTIONS.editStatus, '/investigating'],
    [ACTIONS.abort, ''],
  )
}

function form() {
  const values = (field: string, text: string) => ({ [field]: { [field]: { value: text } } })
  const place = (from: string) => ({ channel: from, thread: null })
  type Form = (id: string, from: string) => { view: object & Record<string, unknown>; values: {} }
  const forms: Form[] = [
    (id, from) => ({
      view: {
        ...editStatusModal({ incident: id, stage: 'investigating', channel: from }, ''),
        id: 'V1',
      },
      values: values('text', 'It is being looked at.'),
    }),
    (id, from) => ({
      view: {
        ...denyModal({ incident: id, plan: 1, digest: DIGEST, card: '1700.2', place: place(from) }),
        id: 'V2',
      },
      values: values('reason', 'No.'),
    }),
    (id, from) => ({
      view: {
        ...closeModal(
          { incident: id, card: '1700.2', place: place(from) },
          incidentOf(id, from, '1700.1'),
        ),
        id: 'V3',
      },
      values: { outcome: { outcome: { selected_option: { value: 'resolved' } } } },
    }),
    (_id, from) => ({
      view: {
        type: 'modal',
        callback_id: START_MODAL,
        private_metadata: JSON.stringify(place(from)),
        id: 'V4',
      },
      values: {},
    }),
    (_id, from) => ({
      view: {
        type: 'modal',
        callback_id: MAINTENANCE_MODAL,
        private_metadata: JSON.stringify(place(from)),
        id: 'V5',
      },
      values: {},
    }),
  ]
  return fc.constantFrom(...forms)
}

describe('an incident never crosses', () => {
  test('whatever is sent reaches the environment whose channel it came from, and no other', async () => {
    const { asked, send } = await twoEnvironments()
    const reached = new Set<string>()
    await fc.assert(
      fc.asyncProperty(delivery, async ({ from, body }) => {
        asked.length = 0
        await send(body)
        // What is sent from nobody's channel is a form or a menu, and means the one at home.
        const owner = OWNERS[from] ?? (from === AWAY ? 'nobody' : 'home')
        for (const { of, channel: where, what } of asked) {
          expect(of, `${what} from ${from}`).toBe(owner)
          reached.add(`${of} ${what.split(' ')[0]}`)
          if (where !== null && OWNERS[where]) expect(OWNERS[where]).toBe(of)
        }
      }),
      { numRuns: 600 },
    )
    // Nothing of this is said of deliveries that reach nobody.
    for (const of of ['home', 'staging']) {
      for (const what of ['receive', 'thread', 'open', 'incident', 'answer']) {
        expect(reached).toContain(`${of} ${what}`)
      }
    }
  })

  test('a click that names the incident of another channel finds none', async () => {
    const { asked, told, send } = await twoEnvironments()
    await send(
      blockActionsPayload(workspace, {
        ...common,
        channel: INCIDENTS,
        message: { ts: '1700.2', thread_ts: HEADLINES['home'] },
        action: {
          type: 'button',
          action_id: ACTIONS.approve,
          block_id: 'b',
          value: `staging-1/1/${DIGEST}`,
        },
      }),
    )
    expect(asked).toEqual([{ of: 'home', what: 'receive staging-1', channel: INCIDENTS }])
    expect(told.join()).toMatch(/no incident staging-1/)
  })

  test('a form that was opened where nobody is any more does not go home', async () => {
    const { asked, told, send } = await twoEnvironments()
    const view = {
      type: 'modal',
      callback_id: START_MODAL,
      private_metadata: JSON.stringify({ channel: AWAY, thread: null }),
      id: 'V1',
    }
    await send(viewSubmissionPayload(workspace, { user: ANA, triggerId: 't.2', view, values: {} }))
    expect(asked).toEqual([])
    expect(told.join()).toMatch(/restart/)
  })
})
