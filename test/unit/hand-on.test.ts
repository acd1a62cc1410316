import type { App } from '@slack/bolt'
import { expect, test, vi } from 'vitest'
import { deliver, handOn, isFrom } from '../../src/adapters/slack/hand-on.ts'

const DRILLS = 'C0DRILLS'
const form = (about: object) => ({ view: { private_metadata: JSON.stringify(about) } })

test.each<[string, unknown]>([
  ['a command', { command: '/rollback', channel_id: DRILLS }],
  ['a press on a card', { channel: { id: DRILLS }, container: { channel_id: DRILLS } }],
  ['a press on something private', { container: { channel_id: DRILLS } }],
  ['a shortcut on a message', { type: 'message_action', channel: { id: DRILLS } }],
  ['a mention', { type: 'event_callback', event: { channel: DRILLS } }],
  ['a form', form({ channel: DRILLS, thread: null })],
  ['a form that was given more', form({ incident: 'i', place: { channel: DRILLS } })],
])('%s in the channel of the drills is from there', (_, body) => {
  expect(isFrom(DRILLS, body)).toBe(true)
})

test.each<[string, unknown]>([
  ['that names the other one in its text', { channel_id: 'C0INC', text: `see <#${DRILLS}>` }],
  ['whose form was opened there', { channel: { id: 'C0INC' }, ...form({ channel: DRILLS }) }],
  ['whose form was opened elsewhere', { channel: { id: DRILLS }, ...form({ channel: 'C0INC' }) }],
  ['of two channels', { channel_id: DRILLS, event: { channel: 'C0INC' } }],
  ['as a form', form({ channel: 'C0INC' })],
  ['as a form with words about it', form({ channel: 'C0INC', says: `see ${DRILLS}` })],
  ['as a form of nobody', { view: { private_metadata: '' } }],
  ['that is no form at all', { view: { private_metadata: '{' } }],
  ['from the home page', { user: { id: 'U1' } }],
  ['that is nothing', null],
  ['with a channel that is none', { channel: 7, channel_id: { id: DRILLS } }],
])('something %s is not from there', (_, body) => {
  expect(isFrom(DRILLS, body)).toBe(false)
})

/** Bolt with one middleware, and what became of what it is sent. */
function bolt(isHere: boolean, give: (text: string) => Promise<void> = async () => {}) {
  type Args = { readonly body: unknown; readonly next: () => void; readonly ack?: () => void }
  const middlewares: ((args: Args) => Promise<void>)[] = []
  const app = { use: (one: (args: Args) => Promise<void>) => middlewares.push(one) }
  const given: string[] = []
  handOn(app as unknown as App, {
    channel: DRILLS,
    isHere: () => isHere,
    give: async (text) => {
      await give(text)
      given.push(text)
    },
  })
  const [next, ack] = [vi.fn(), vi.fn()]
  const send = async (body: unknown) => middlewares[0]?.({ body, next, ack })
  return { send, given, next, ack }
}

test('what is played elsewhere is given there as it came, and then acknowledged', async () => {
  const { send, given, next, ack } = bolt(false)
  const body = { channel_id: DRILLS, text: 'assess', trigger_id: '1.2' }
  await send(body)
  expect(given).toEqual([JSON.stringify(body)])
  expect(ack).toHaveBeenCalledTimes(1)
  expect(next).not.toHaveBeenCalled()
  await send({ channel_id: 'C0INC' })
  expect(next).toHaveBeenCalledTimes(1)
  expect(given).toHaveLength(1)
})

test('what is played here stays here', async () => {
  const { send, given, next } = bolt(true)
  await send({ channel_id: DRILLS })
  expect(given).toEqual([])
  expect(next).toHaveBeenCalledTimes(1)
})

test('what could not be given is not acknowledged', async () => {
  const { send, ack, next } = bolt(false, async () => {
    throw new Error('the journal does not answer')
  })
  await expect(send({ channel_id: DRILLS })).rejects.toThrow('does not answer')
  expect(ack).not.toHaveBeenCalled()
  expect(next).not.toHaveBeenCalled()
})

test('what was given is heard as if Slack had delivered it, and nothing else is', async () => {
  const processEvent = vi.fn<(event: { readonly body: unknown }) => Promise<void>>()
  const app = { processEvent } as unknown as App
  await deliver(app, DRILLS, '{"channel_id":"C0DRILLS","text":"assess"}')
  expect(processEvent.mock.calls[0]?.[0].body).toEqual({ channel_id: DRILLS, text: 'assess' })
  for (const bad of ['', '7', 'null', '[', '{}', '{"channel_id":"C0INC"}']) {
    // oxlint-disable-next-line no-await-in-loop -- each in turn
    await expect(deliver(app, DRILLS, bad)).rejects.toThrow()
  }
  expect(processEvent).toHaveBeenCalledTimes(1)
})
