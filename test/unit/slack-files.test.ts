import { buffer } from 'node:stream/consumers'
import { WebClient } from '@slack/web-api'
import { describe, expect, test } from 'vitest'
import { slackFiles } from '../../src/adapters/slack/files.ts'
import { faultOf } from '../support/contracts/outside.ts'
import { serve } from '../support/contracts/http-server.ts'

const US = { bot: 'B1', botUser: 'U1' }
const PLACE = { channel: 'C1', thread: '1.0' }
const FILE = {
  name: 'incident-7.png',
  title: '03:14 UTC: stable',
  altText: 'Errors fell from 62 % to 0.3 %',
  bytes: new Uint8Array([1, 2, 3, 4]),
}

type Say = {
  readonly status?: number
  readonly body?: object
  readonly hang?: true
  readonly drop?: true
}
type Script = Partial<Record<string, Say | ((nth: number) => Say)>>

/** A Slack that takes files, and says what the test wants instead where it wants something. */
async function slackWith(script: Script) {
  const calls: { what: string; args: Record<string, string>; bytes: Buffer; token: string }[] = []
  let url = ''
  url = await serve((request, response) => {
    void buffer(request).then((bytes) => {
      const what = request.url?.split('/').at(-1) ?? ''
      const args = Object.fromEntries(new URLSearchParams(bytes.toString()))
      calls.push({ what, args, bytes, token: request.headers.authorization ?? '' })
      const nth = calls.filter((call) => call.what === what).length
      const said = script[what]
      const {
        status = 200,
        body,
        hang,
        drop,
      } = (typeof said === 'function' ? said(nth) : said) ?? {}
      if (hang) return
      if (drop) {
        response.destroy()
        return
      }
      const usual: Record<string, object> = {
        'files.getUploadURLExternal': { ok: true, upload_url: `${url}/there`, file_id: 'F7' },
        there: {},
        'files.completeUploadExternal': { ok: true, files: [{ id: 'F7' }] },
        'conversations.replies': { ok: true, messages: [] },
      }
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(body ?? usual[what] ?? {}))
    })
  })
  const client = new WebClient('xoxb-test', {
    slackApiUrl: `${url}/api/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
  })
  return { calls, files: slackFiles({ client, us: Promise.resolve(US) }) }
}

const never = () => new AbortController().signal

test('a file is shown in its thread, with what is to be seen in it in words', async () => {
  const { calls, files } = await slackWith({})
  expect(await files.upload(PLACE, FILE, never())).toEqual({ file: 'F7' })
  const [ticket, bytes, shown] = calls
  expect(ticket?.args).toMatchObject({
    filename: 'incident-7.png',
    length: '4',
    alt_txt: 'Errors fell from 62 % to 0.3 %',
  })
  expect([...(bytes?.bytes ?? [])]).toEqual([1, 2, 3, 4])
  expect(shown?.args).toMatchObject({
    channel_id: 'C1',
    thread_ts: '1.0',
    files: '[{"id":"F7","title":"03:14 UTC: stable"}]',
  })
})

test('the token is not sent along with the bytes', async () => {
  const { calls, files } = await slackWith({})
  await files.upload(PLACE, FILE, never())
  expect(calls.map(({ what, token }) => [what, token !== ''])).toEqual([
    ['files.getUploadURLExternal', true],
    ['there', false],
    ['files.completeUploadExternal', true],
  ])
})

describe('what goes wrong', () => {
  test.each<{ because: string; script: Script; fault: object; shows: number }>([
    {
      because: 'before anything can be seen, the address is not told',
      script: { 'files.getUploadURLExternal': { drop: true } },
      fault: { kind: 'retryable' },
      shows: 0,
    },
    {
      because: 'the bytes do not arrive',
      script: { there: { drop: true } },
      fault: { kind: 'retryable' },
      shows: 0,
    },
    {
      because: 'Slack is too busy for the bytes',
      script: { there: { status: 503 } },
      fault: { kind: 'retryable', code: '503' },
      shows: 0,
    },
    {
      because: 'Slack does not want the bytes',
      script: { there: { status: 400 } },
      fault: { kind: 'terminal', code: '400' },
      shows: 0,
    },
    {
      because: 'the reply to the last call is lost',
      script: { 'files.completeUploadExternal': { drop: true } },
      fault: { kind: 'unknown-outcome' },
      shows: 1,
    },
    {
      because: 'the last call is refused',
      script: { 'files.completeUploadExternal': { body: { ok: false, error: 'not_in_channel' } } },
      fault: { kind: 'terminal', code: 'not_in_channel' },
      shows: 1,
    },
    {
      because: 'the scope is missing',
      script: { 'files.getUploadURLExternal': { body: { ok: false, error: 'missing_scope' } } },
      fault: { kind: 'terminal', detail: expect.stringContaining('lacks files:write') },
      shows: 0,
    },
    {
      because: 'the address is somebody else’s',
      script: {
        'files.getUploadURLExternal': {
          body: { ok: true, upload_url: 'http://198.51.100.7/take', file_id: 'F7' },
        },
      },
      fault: { kind: 'terminal', code: 'upload-address' },
      shows: 0,
    },
    {
      because: 'the answer is no answer',
      script: { 'files.getUploadURLExternal': { body: { ok: true } } },
      fault: { kind: 'retryable' },
      shows: 0,
    },
  ])('$because: $fault', async ({ script, fault, shows }) => {
    const { calls, files } = await slackWith(script)
    expect(await faultOf(files.upload(PLACE, FILE, never()))).toMatchObject(fault)
    const last = calls.filter(({ what }) => what === 'files.completeUploadExternal')
    expect(last).toHaveLength(shows)
  })

  test.each([
    ['files.getUploadURLExternal', 'retryable'],
    ['there', 'retryable'],
    ['files.completeUploadExternal', 'unknown-outcome'],
  ])('%s never ends, and the signal does: %s', async (what, kind) => {
    const { calls, files } = await slackWith({ [what]: { hang: true } })
    const stopping = new AbortController()
    const uploading = faultOf(files.upload(PLACE, FILE, stopping.signal))
    await expect.poll(() => calls.at(-1)?.what).toBe(what)
    stopping.abort()
    expect(await uploading).toMatchObject({ kind, code: 'ETIMEDOUT' })
  })
})

describe('a file is found again', () => {
  const shared = (name: string, author: object) => ({
    ts: '7.0',
    ...author,
    files: [{ id: `F-${name}`, name }],
  })
  const thread = (...messages: object[]): Say => ({ body: { ok: true, messages } })

  test('by its name, and only when we shared it ourselves', async () => {
    const { files } = await slackWith({
      'conversations.replies': thread(
        { ts: '1.0', user: 'U2' },
        shared('other.png', { user: 'U1' }),
        { ts: '5.0', user: 'U9', files: [{ id: 'F-theirs', name: FILE.name }] },
        shared(FILE.name, { bot_id: 'B1' }),
      ),
    })
    expect(await files.findFile(PLACE, FILE.name, 0, never())).toEqual({ file: `F-${FILE.name}` })
  })

  test('and not where there is none', async () => {
    const { files } = await slackWith({ 'conversations.replies': thread() })
    expect(await files.findFile(PLACE, FILE.name, 0, never())).toBeNull()
  })

  test('nothing is concluded from a Slack that does not answer', async () => {
    const { calls, files } = await slackWith({ 'conversations.replies': { hang: true } })
    const stopping = new AbortController()
    const looking = faultOf(files.findFile(PLACE, FILE.name, 0, stopping.signal))
    await expect.poll(() => calls.length).toBe(1)
    stopping.abort()
    expect(await looking).toMatchObject({ kind: 'retryable' })
  })
})
