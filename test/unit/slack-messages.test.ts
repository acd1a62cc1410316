import { WebAPIPlatformError } from '@slack/web-api'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { checkSlack } from '../../src/adapters/slack/check.ts'
import { slackConversations } from '../../src/adapters/slack/conversations.ts'
import { slackWriteFault } from '../../src/adapters/slack/faults.ts'
import { replyAddresses } from '../../src/adapters/slack/reply-addresses.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { slackThat } from '../support/slack/web-api.ts'
import type { Answer } from '../support/slack/web-api.ts'

const US = { team: 'T1', bot: 'B1', botUser: 'U1' }
const VIEW = {
  text: 'the sentence',
  blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'the layout' } }],
}
const PLACE = { channel: 'C1', thread: null }

async function conversationsOver(answer: Answer) {
  const { calls, client } = await slackThat(answer)
  const replies = replyAddresses(Date.now)
  const logged: string[] = []
  const conversations = slackConversations({
    client,
    replies,
    newEditId: () => 'e',
    us: Promise.resolve(US),
    log: { info() {}, warn() {}, error: (message) => logged.push(message) },
  })
  return { calls, conversations, replies, logged }
}

describe('a refused layout', () => {
  const once: Answer = ({ args: { blocks = '' } }) =>
    blocks.includes('the layout')
      ? { ok: false, error: 'invalid_blocks' }
      : { ok: true, ts: '5.0', message_ts: '5.0' }

  test('of a post: the sentence alone arrives, with its key', async () => {
    const { calls, conversations, logged } = await conversationsOver(once)
    expect(await conversations.post(PLACE, VIEW, 'answer:1')).toEqual({ ts: '5.0' })
    expect(calls.at(-1)?.args).toMatchObject({ text: 'the sentence' })
    expect(calls.at(-1)?.args['blocks']).toContain('"block_id":"answer:1#e.0"')
    expect(logged).toEqual(['Slack refused the layout of a message; sent as plain text'])
  })

  test('of an edit, and of what one person is told', async () => {
    const { calls, conversations } = await conversationsOver(once)
    await conversations.update({ channel: 'C1', ts: '5.0' }, VIEW, 'k')
    await conversations.tell('U2', PLACE, VIEW)
    expect(calls.map(({ method }) => method)).toEqual([
      'chat.update',
      'chat.update',
      'chat.postEphemeral',
      'chat.postEphemeral',
    ])
    expect(calls.at(-1)?.args).toMatchObject({ text: 'the sentence', blocks: '[]' })
  })

  test('that is refused as a sentence too, is a fault', async () => {
    const { conversations, calls } = await conversationsOver(() => {
      return { ok: false, error: 'msg_too_long' }
    })
    const fault = await faultOf(conversations.post(PLACE, VIEW, 'k'))
    expect(fault).toMatchObject({ kind: 'terminal', code: 'layout-refused' })
    expect(calls).toHaveLength(2)
  })

  test('at a response address', async () => {
    const { calls, conversations, replies } = await conversationsOver(once)
    const shown: number[] = []
    replies.keep('U2', 'C1', async ({ blocks }) => {
      if (blocks.length > 0) throw new Error('400')
      shown.push(blocks.length)
    })
    await conversations.tell('U2', PLACE, VIEW)
    expect(shown).toEqual([0])
    expect(calls).toEqual([])
  })
})

describe('a message is found again', () => {
  const carrying = (key: string, author: object, ts = '7.0') => ({
    ts,
    ...author,
    blocks: [{ block_id: `${key}#e.0` }],
  })

  test.each(['C1', 'C1 in a thread'])('on the second page of %s', async (place) => {
    const { calls, conversations } = await conversationsOver(({ args: { cursor } }) =>
      cursor === 'two'
        ? { ok: true, messages: [carrying('k', { bot_id: 'B1' })] }
        : { ok: true, messages: [{ ts: '9.0' }], response_metadata: { next_cursor: 'two' } },
    )
    const thread = place === 'C1' ? null : '1.0'
    expect(await conversations.find({ channel: 'C1', thread }, 'k', 0)).toEqual({ ts: '7.0' })
    expect(calls).toHaveLength(2)
  })

  test('and the search ends', async () => {
    const { calls, conversations } = await conversationsOver(() => {
      return { ok: true, messages: [], response_metadata: { next_cursor: 'more' } }
    })
    expect(await conversations.find(PLACE, 'k', 0)).toBeNull()
    expect(calls).toHaveLength(5)
  })

  test('only when we posted it ourselves', async () => {
    const { conversations } = await conversationsOver(() => {
      const others = [carrying('k', { bot_id: 'B2', user: 'U2' }), carrying('k', { user: 'U3' })]
      return { ok: true, messages: [...others, carrying('k', { user: 'U1' }, '8.0')] }
    })
    expect(await conversations.find(PLACE, 'k', 0)).toEqual({ ts: '8.0' })
  })
})

describe('what one person is told', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  test('stands in the thread where they asked, and not at an address that knows none', async () => {
    const { calls, conversations, replies } = await conversationsOver(() => ({ ok: true }))
    const respond = vi.fn(async () => undefined)
    replies.keep('U2', 'C1', respond)
    await conversations.tell('U2', { channel: 'C1', thread: '1.0' }, VIEW)
    expect(respond).not.toHaveBeenCalled()
    expect(calls).toMatchObject([{ method: 'chat.postEphemeral', args: { thread_ts: '1.0' } }])
    await conversations.tell('U2', PLACE, VIEW)
    expect(respond).toHaveBeenCalledOnce()
  })

  test('does not wait for ever for a response address, and not twice', async () => {
    vi.useFakeTimers()
    const replies = replyAddresses(Date.now)
    replies.keep('U2', 'C1', () => new Promise(() => {}))
    const used = replies.use('U2', 'C1', VIEW)
    await vi.advanceTimersByTimeAsync(3_000)
    expect(await used).toBe(false)
    expect(await replies.use('U2', 'C1', VIEW)).toBe(false)
  })
})

describe('the doctor', () => {
  const MEMBERSHIP: [unknown, string, RegExp][] = [
    [true, 'ok', /Backout is in it/],
    [false, 'wrong', /Backout is not in/],
    [undefined, 'careful', /Slack did not say whether Backout is in it/],
  ]
  test.each(MEMBERSHIP)('is_member: %s', async (is_member, state, found) => {
    const { slackApiUrl } = await slackThat(() => {
      return { ok: true, channel: { name: 'incidents', is_member } }
    })
    const checks = await checkSlack({
      botToken: 'xoxb-test',
      appToken: undefined,
      mode: 'http',
      apiUrl: slackApiUrl,
      scopes: [],
      channels: ['C1'],
    })
    const channel = checks.find(({ tried }) => tried === 'channel C1')
    expect(channel).toMatchObject({ state, found: expect.stringMatching(found) })
  })
})

test.each(['ratelimited', 'rate_limited'])('%s: may be tried again', (error) => {
  const refusal = new WebAPIPlatformError({ ok: false, error, response_metadata: {} })
  expect(slackWriteFault(refusal)).toMatchObject({ kind: 'retryable', code: error })
})
