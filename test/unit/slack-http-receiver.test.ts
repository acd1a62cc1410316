import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { App } from '@slack/bolt'
import { describe, expect, onTestFinished, test } from 'vitest'
import { signedHttpReceiver, type HttpLimits } from '../../src/adapters/slack/http-receiver.ts'
import { quietLogger } from '../../src/adapters/slack/quiet-logger.ts'
import { seenSignatures } from '../../src/adapters/slack/seen-signatures.ts'
import { honest, sendRaw, type Raw } from '../e2e/hostile-requests.ts'
import { freePort } from '../servers/spawn.ts'

const SECRET = 'the-signing-secret'

/** Never reached: what a test is about is set by it. */
const ROOMY: HttpLimits = {
  mostUnproved: 100,
  mostBodyBytes: 1_000_000,
  mostUnprovedBytes: 100_000_000,
  headersMs: 60_000,
  requestMs: 60_000,
}

/** The receiver on a port of its own, behind it a Bolt that acknowledges every command. */
async function receiving(limits: Partial<HttpLimits> = {}) {
  const port = await freePort()
  const warned: string[] = []
  const log = { info() {}, warn: (message: string) => void warned.push(message), error() {} }
  const receiver = signedHttpReceiver({
    signingSecret: SECRET,
    port,
    log,
    logger: quietLogger(log),
    now: Date.now,
    limits: { ...ROOMY, ...limits },
  })
  const texts: string[] = []
  const app = new App({
    receiver,
    logger: quietLogger(log),
    convoStore: false,
    authorize: async () => ({ botToken: 'xoxb-test', botId: 'B1', botUserId: 'U1' }),
  })
  app.command('/rollback', async ({ ack, command }) => {
    texts.push(command.text)
    await ack()
  })
  await app.start()
  onTestFinished(async () => void (await app.stop()))
  const sockets: Socket[] = []
  onTestFinished(() => sockets.forEach((socket) => socket.destroy()))
  return {
    texts,
    warned,
    send: (raw: Raw) => sendRaw(`http://127.0.0.1:${port}/slack/events`, raw),
    /** A connection on which this much of a request is sent, and no more. */
    async slow(beginning = ''): Promise<Socket> {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      sockets.push(socket.resume())
      await once(socket, 'connect')
      if (beginning) await new Promise<void>((sent) => socket.write(beginning, () => sent()))
      return socket
    },
  }
}

const closed = async (socket: Socket): Promise<void> => {
  if (!socket.closed) await once(socket, 'close')
}

const command = (text: string): string =>
  `command=%2Frollback&text=${text}&user_id=U1&channel_id=C1&team_id=T1&response_url=x`

/** Headers that look like Slack's and promise a body; nobody who knows the secret made them. */
const lie = (bodyBytes: number): string =>
  [
    'POST /slack/events HTTP/1.1',
    'host: x',
    'content-type: application/x-www-form-urlencoded',
    `content-length: ${bodyBytes}`,
    `x-slack-request-timestamp: ${Math.floor(Date.now() / 1000)}`,
    `x-slack-signature: v0=${'a'.repeat(64)}`,
    '\r\n',
  ].join('\r\n')

describe('whoever proves nothing', () => {
  test('makes way for who came later, and the one who waited longest first', async () => {
    const { slow, send, texts, warned } = await receiving({ mostUnproved: 3 })
    const first = await slow()
    const second = await slow(lie(1_000))
    const others = [await slow('POST /slack'), await slow(lie(1_000))]
    await closed(first)
    expect([second, ...others].map(({ closed: is }) => is)).toEqual([false, false, false])
    expect(await send(honest(SECRET, command('ping')))).toBe(200)
    await closed(second)
    expect(others.map(({ closed: is }) => is)).toEqual([false, false])
    expect(texts).toEqual(['ping'])
    expect(warned.filter((one) => one.includes('too many connections'))).toHaveLength(1)
  })

  test('may send only so much, all of them together', async () => {
    const { slow, send } = await receiving({ mostUnprovedBytes: 300_000 })
    const half = lie(140_000) + 'x'.repeat(120_000)
    const first = await slow(half)
    const second = await slow(half)
    await slow(half)
    await closed(first)
    expect(await send(honest(SECRET, command('ping')))).toBe(200)
    expect(second.closed).toBe(false)
  })

  test.each<[string, Partial<HttpLimits>, string]>([
    ['sends nothing', { headersMs: 20 }, ''],
    ['sends half of its headers', { headersMs: 20 }, 'POST /slack/events HTTP/1.1\r\nhost: x'],
    ['sends half of its body', { requestMs: 40, headersMs: 20 }, `${lie(1_000)}xx`],
  ])('and %s in time is hung up on', async (_, limits, beginning) => {
    const { slow } = await receiving(limits)
    await closed(await slow(beginning))
  })

  test('is refused before its body is there: without a signature, or with too much', async () => {
    const { slow, texts } = await receiving()
    for (const [head, status] of [
      [lie(1_000).replace('x-slack-signature', 'x-other'), '401'],
      [lie(1_000).replace(/timestamp: \d+/, 'timestamp: 17'), '401'],
      [lie(1_000_001), '413'],
      [lie(0).replace('/slack/events', '/else'), '404'],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const socket = await slow()
      const answer = once(socket, 'data')
      socket.write(head)
      // oxlint-disable-next-line no-await-in-loop -- as above
      expect(String(await answer)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
      // oxlint-disable-next-line no-await-in-loop -- as above
      await closed(socket)
    }
    expect(texts).toEqual([])
  })

  test('and does not say how much is coming is cut off at the same size', async () => {
    const { slow } = await receiving({ mostBodyBytes: 10_000 })
    const chunked = lie(0).replace('content-length: 0', 'transfer-encoding: chunked')
    const socket = await slow(`${chunked}4e20\r\n${'x'.repeat(20_000)}\r\n`)
    await closed(socket)
  })
})

describe('the signature', () => {
  test('is asked for before anything else, of the question for the certificate too', async () => {
    const { send, texts } = await receiving()
    const body = `ssl_check=1&${command('ping')}`
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    expect(await send({ headers, body })).toBe(401)
    const { headers: signed } = honest(SECRET, 'ssl_check=1')
    expect(await send({ headers: signed, body })).toBe(401)
    expect(await send(honest(SECRET, body))).toBe(200)
    expect(texts).toEqual([])
  })

  test('counts once', async () => {
    const { send, texts } = await receiving()
    const raw = honest(SECRET, command('ping'))
    expect(await send(raw)).toBe(200)
    expect(await send(raw)).toBe(401)
    expect(texts).toEqual(['ping'])
  })

  test('is not used up by other bytes that carry it, whole or cut off', async () => {
    const { send, slow, texts } = await receiving()
    const raw = honest(SECRET, command('ping'))
    expect(await send({ ...raw, body: command('pong') })).toBe(401)
    const head = lie(1_000).replace(/v0=a+/, String(raw.headers['x-slack-signature']))
    const half = await slow(`${head}comm`)
    half.destroy()
    expect(await send(raw)).toBe(200)
    expect(texts).toEqual(['ping'])
  })
})

test('signatures are remembered for ten minutes, and only so many', () => {
  let nowMs = 0
  const { isNew, size } = seenSignatures(() => nowMs, 3)
  expect(['a', 'b', 'a'].map(isNew)).toEqual([true, true, false])
  nowMs = 10 * 60_000 - 1
  expect(['c', 'b'].map(isNew)).toEqual([true, false])
  nowMs += 1
  expect(['a', 'c'].map(isNew)).toEqual([true, false])
  expect(size()).toBe(2)
  expect(['d', 'e', 'f', 'g'].map(isNew)).toEqual([true, true, true, true])
  expect(size()).toBe(3)
})
