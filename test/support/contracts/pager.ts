import { describe, expect, onTestFinished, test } from 'vitest'
import type { Fault } from '../../../src/domain/base/fault.ts'
import type { Call, Pager } from '../../../src/ports/pager.ts'
import { CREDENTIALS, startPagerServer, type Meeting, type PagerServer } from '../pager-server.ts'
import { closedPort, faultOf, patience } from './outside.ts'

export type PagerSubject = {
  readonly over: (server: PagerServer) => Pager
  readonly withWrongCredentials: (server: PagerServer) => Pager
  /** Where nobody listens. */
  readonly nowhere: (port: number) => Pager
  /** Which questions it answers. */
  readonly asks: { readonly answeredBy: boolean; readonly find: boolean }
  /** What an answer that is none of its answers means. */
  readonly garbage: 'is no answer' | 'is not read'
}

const call: Call = {
  key: '20261122-0001:declared',
  summary: 'production: 62 % of requests fail',
  detail: 'Incident 20261122-0001 in production, severity critical\nPress "I have it".',
  severity: 'critical',
  environment: 'production',
  incident: '20261122-0001',
  since: '2026-11-22T03:02:00.000Z',
  link: 'https://shop.slack.com/archives/C0/p1',
}

const HOSTILE = [
  ['of a megabyte', 'outage '.repeat(150_000)],
  ['with control characters', 'rm -rf\u0000\u001b[31m\u0007\r\nsecond line\u202Eesrever\u009f'],
  ['of half characters', '\uD83D half \uDE00'],
  ['that is cut within a character', '😀'.repeat(2_000)],
  ['that looks like JSON', '","event_action":"resolve","x":"'],
] as const

/** What every pager promises, over a server that knows the documentation of each. */
export function pagerContract(name: string, subject: PagerSubject): void {
  async function start(...meetings: readonly Meeting[]) {
    const server = await startPagerServer()
    onTestFinished(() => server[Symbol.asyncDispose]())
    server.meet(...meetings)
    return { server, pager: subject.over(server) }
  }

  describe(`${name} keeps the promises of Pager`, () => {
    promisesWhenWell(start)
    promisesWhenAsked(start, subject)
    promisesWhenNot(start, subject)
  })
}

type Start = (
  ...meetings: readonly Meeting[]
) => Promise<{ readonly server: PagerServer; readonly pager: Pager }>

function promisesWhenWell(start: Start): void {
  test('a call rings once, and says what it is about', async () => {
    const { server, pager } = await start()
    await pager.trigger(call, patience())
    expect(server.objections).toEqual([])
    expect(server.rings).toEqual([call.key])
    expect(server.alert(call.key)?.summary).toBe(call.summary)
  })

  test('another occasion rings again; the same one does not, where that is promised', async () => {
    const { server, pager } = await start()
    const again = '20261122-0001:relapse-47'
    await pager.trigger(call, patience())
    await pager.trigger({ ...call, key: again }, patience())
    expect(server.rings).toEqual([call.key, again])
    await pager.trigger(call, patience())
    expect(server.rings).toHaveLength(pager.repeat === 'harmless' ? 2 : 3)
  })

  test('that it is over closes the call; of one that never was, it is taken and wakes nobody', async () => {
    const { server, pager } = await start()
    await pager.trigger(call, patience())
    await pager.resolve(call.key, patience())
    await pager.resolve('another:declared', patience())
    expect(server.objections).toEqual([])
    expect(server.alert(call.key)?.state).toBe('closed')
    expect(server.rings).toEqual([call.key])
  })

  test('that somebody has it is told, where there is a word for it', async () => {
    const { server, pager } = await start()
    await pager.trigger(call, patience())
    await pager.acknowledge?.(call.key, 'Slack user U0ANA', patience())
    expect(server.objections).toEqual([])
    expect(server.alert(call.key)?.state).toBe(pager.acknowledge ? 'acknowledged' : 'open')
  })

  test.each(HOSTILE)('a text %s is cut to what is allowed, and rings', async (_, text) => {
    const { server, pager } = await start()
    const hostile = { ...call, summary: text, detail: text, environment: text }
    await pager.trigger(hostile, patience())
    await pager.acknowledge?.(call.key, text, patience())
    expect(server.objections).toEqual([])
    expect(server.rings).toEqual([call.key])
  })

  test('without an address for the incident it rings all the same', async () => {
    const { server, pager } = await start()
    await pager.trigger({ ...call, link: null }, patience())
    expect(server.objections).toEqual([])
    expect(server.rings).toHaveLength(1)
  })
}

function promisesWhenAsked(start: Start, subject: PagerSubject): void {
  const { answeredBy, find } = subject.asks

  test('it says what it can be asked', async () => {
    const { pager } = await start()
    const can = { answeredBy: pager.answeredBy !== undefined, find: pager.find !== undefined }
    expect(can).toEqual(subject.asks)
  })

  if (answeredBy) {
    test('who has answered is told with the time, and before that nobody', async () => {
      const { server, pager } = await start()
      await pager.trigger(call, patience())
      expect(await pager.answeredBy?.(call.key, patience())).toBeNull()
      server.answer(call.key, 'Ana Example\u0007', '2026-11-22T03:05:00.000Z')
      const atMs = Date.parse('2026-11-22T03:05:00.000Z')
      expect(await pager.answeredBy?.(call.key, patience())).toEqual({ by: 'Ana Example', atMs })
    })
  }

  if (find) {
    test('a call is found again, where it can be looked for, closed or not', async () => {
      const { server, pager } = await start('lost')
      expect(await pager.find?.(call.key, patience()).catch(() => 'lost')).toBe('lost')
      expect(await pager.find?.(call.key, patience())).toBeNull()
      await pager.trigger(call, patience())
      await pager.resolve(call.key, patience())
      expect(await pager.find?.(call.key, patience())).toMatchObject({ id: 'PT0' })
      expect(server.rings).toHaveLength(1)
    })
  }
}

function promisesWhenNot(start: Start, subject: PagerSubject): void {
  const met = async (meeting: Meeting): Promise<Fault & { rang: number }> => {
    const { server, pager } = await start(meeting)
    const fault = await faultOf(pager.trigger(call, patience()))
    return Object.assign(fault, { rang: server.rings.length })
  }

  test.each([
    [{ status: 400, body: '{"message":"invalid event","errors":["too long"]}' }, 'terminal'],
    [{ status: 401 }, 'terminal'],
    [{ status: 403 }, 'terminal'],
    [{ status: 404 }, 'terminal'],
    [{ status: 302 }, 'terminal'],
    [{ status: 422, body: '{"message":"too long"}' }, 'terminal'],
    [{ status: 429 }, 'retryable'],
    [{ status: 500 }, 'retryable'],
    [{ status: 503, body: '\u0000'.repeat(200_000) }, 'retryable'],
  ] as const)('%j is %s, and nobody was called', async (meeting, kind) => {
    expect(await met(meeting)).toMatchObject({ kind, rang: 0, code: String(meeting.status) })
  })

  test('it waits as long as it is asked to', async () => {
    const fault = await met({ status: 429, retryAfter: '7' })
    expect(fault).toMatchObject({ kind: 'retryable', retryAfterMs: 7_000 })
  })

  test.each(['lost', 'gateway'] as const)(
    'a call that was carried out, with its answer %s, is not known to be one that was not',
    async (meeting) => {
      expect(await met(meeting)).toMatchObject({ kind: 'unknown-outcome', rang: 1 })
    },
  )

  if (subject.garbage === 'is no answer') {
    test('the page of somebody else is no yes', async () => {
      expect(await met('garbage')).toMatchObject({ kind: 'unknown-outcome', rang: 1 })
    })
  }

  test('where nobody listens, nobody was called', async () => {
    const pager = subject.nowhere(await closedPort())
    const fault = await faultOf(pager.trigger(call, patience()))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
  })

  test('one that never answers ends with the signal, and may have called', async () => {
    const { pager } = await start('silent')
    const giveUp = new AbortController()
    const asked = faultOf(pager.trigger(call, giveUp.signal))
    setTimeout(() => giveUp.abort(), 50)
    expect(await asked).toMatchObject({ kind: 'unknown-outcome', code: 'ETIMEDOUT' })
  })

  test('wrong credentials are terminal, and in nothing that is said of it', async () => {
    const { server } = await start()
    const fault = await faultOf(subject.withWrongCredentials(server).trigger(call, patience()))
    expect(fault).toMatchObject({ kind: 'terminal' })
    expect(server.rings).toEqual([])
    expect(said(fault)).not.toMatch(/Wr0ng|R0UTING|Secret/)
  })

  test('nothing that is said of a failure holds a credential or a secret path', async () => {
    const echoed = Object.values(CREDENTIALS).join(' ')
    const body = JSON.stringify({ message: echoed, errors: [echoed] })
    for (const meeting of [
      'lost',
      'gateway',
      { status: 400, body },
      { status: 503, body },
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- each on a server of its own
      const fault = await met(meeting)
      const ours = secretsOf(fault.dependency)
      for (const secret of ours) expect(said(fault), secret).not.toContain(secret)
    }
  })
}

function secretsOf(dependency: string): readonly string[] {
  const { routingKey, apiToken, apiKey, token, path } = CREDENTIALS
  if (dependency === 'pagerduty') return [routingKey, apiToken]
  return dependency === 'webhook' ? [token, path] : [apiKey]
}

function said(fault: Fault): string {
  const cause = fault.cause instanceof Error ? `${fault.cause.message} ${fault.cause.stack}` : ''
  return `${fault.message} ${fault.stack} ${JSON.stringify(fault)} ${cause}`
}
