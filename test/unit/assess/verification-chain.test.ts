import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CLEAN_UP_MS } from '../../../src/assess/verification/chain.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { EndpointAnswer, EndpointQuestion } from '../../../src/ports/endpoints.ts'
import type { World } from '../../../src/ports/world.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs } from '../../support/builders.ts'
import { assessSettings } from '../../support/contracts/settings.ts'
import { verifiedOne } from '../../support/verifying.ts'
import { inVirtualTime } from '../../support/virtual-timers.ts'

const service = 'backend'
const AS_THEM = { Authorization: 'Bearer ${saved.token}' }
const LOGIN = {
  service,
  path: '/api/login',
  method: 'POST',
  writes: false,
  body: { json: { user: 'check', password: 'tr0ub4dor' } },
  save: { token: '$.token' },
}
const UPLOAD = {
  service,
  path: '/api/files',
  method: 'POST',
  headers: AS_THEM,
  body: { file: { field: 'file', name: '${check.id}.txt', text: 'of ${check.id}' } },
  save: { id: '$.id' },
}
const READ = {
  service,
  path: '/api/files/${saved.id}',
  headers: AS_THEM,
  expect: { contains: ['check-1'] },
}
const REMOVE = { service, path: '/api/files/${saved.id}', method: 'DELETE', headers: AS_THEM }
const CHAIN = { kind: 'chain', steps: [LOGIN, UPLOAD, READ], cleanUp: REMOVE }

const never = new Promise<never>(() => {})

type Meddle = (
  question: EndpointQuestion,
  call: number,
  answer: () => Promise<EndpointAnswer>,
) => Promise<EndpointAnswer>

/** A production that is well, with somebody in between; and what it was asked, in order. */
function services(meddle: Meddle = (_question, _call, answer) => answer()) {
  const clock = { now: () => atMs }
  const sandbox = sandboxWorld({
    scenario: 'healthy',
    clock,
    settings: assessSettings,
    slowestMs: 0,
  })
  const asked: string[] = []
  const sent: EndpointQuestion[] = []
  const kept = new Set<string>()
  const { endpoints } = sandbox.world
  const world: World = {
    ...sandbox.world,
    endpoints: {
      ask(question) {
        sent.push(question)
        asked.push(`${question.method} ${new URL(question.url).pathname}`)
        return meddle(question, asked.length, async () => {
          const answer = await endpoints.ask(question)
          if (answer.status === 201) kept.add(idIn(answer))
          if (question.method === 'DELETE' && answer.status === 204) {
            kept.delete(question.url.split('/').at(-1) ?? '')
          }
          return answer
        })
      },
    },
  }
  return { world, sandbox, asked, sent, kept }
}

const idIn = ({ body }: EndpointAnswer): string => (JSON.parse(body) as { id: string }).id
const lost = () =>
  new Fault({
    kind: 'retryable',
    dependency: 'service',
    detail: 'the connection was cut',
    code: 'ECONNRESET',
  })

describe('an upload', () => {
  test('is sent with what the login has given, read back, and removed', async () => {
    const { world, asked, sent, kept } = services()
    const result = await verifiedOne(world, CHAIN)
    expect(result).toMatchObject({
      verdict: 'passed',
      says: expect.stringMatching(
        /^POST \/api\/login: HTTP 200 .*, then POST \/api\/files: HTTP 201/,
      ),
    })
    expect(asked).toEqual([
      'POST /api/login',
      'POST /api/files',
      'GET /api/files/f1',
      'DELETE /api/files/f1',
    ])
    expect([...kept]).toEqual([])
    const [login, upload] = sent
    expect(login?.content).toEqual({
      type: 'application/json',
      text: '{"user":"check","password":"tr0ub4dor"}',
    })
    expect(upload?.headers).toEqual({ Authorization: 'Bearer simulated-session' })
    expect(upload?.content?.type).toBe('multipart/form-data; boundary=backout-check-1')
    expect(upload?.content?.text).toMatch(
      /^--backout-check-1\r\n.*name="file"; filename="check-1\.txt"\r\n[^]*\r\n\r\nof check-1\r\n--backout-check-1--\r\n$/,
    )
    for (const secret of ['tr0ub4dor', 'simulated-session'])
      expect(result.says).not.toContain(secret)
  })

  test.each<[string, Meddle, RegExp, readonly string[]]>([
    [
      'the login is refused: nothing was written, and nothing is removed',
      async (_question, call, answer) =>
        call === 1 ? { ...(await answer()), status: 401 } : answer(),
      /^POST \/api\/login: HTTP 401; expected any 2xx$/,
      ['POST /api/login'],
    ],
    [
      'the upload is refused: there is nothing to remove',
      async (_question, call, answer) =>
        call === 2 ? { ...(await answer()), status: 413, body: '' } : answer(),
      /^POST \/api\/files: HTTP 413; expected any 2xx$/,
      ['POST /api/login', 'POST /api/files'],
    ],
    [
      'the upload’s answer is lost: it may be there, and nobody knows where',
      async (_question, call, answer) => {
        if (call !== 2) return answer()
        await answer()
        throw lost()
      },
      /^Not cleaned up: DELETE \/api\/files\/\$\{saved\.id\}: \$\{saved\.id\} is not known\. Look for check-1 and remove it by hand\. POST .* cut$/,
      ['POST /api/login', 'POST /api/files'],
    ],
    [
      'reading it back fails: it is removed all the same',
      async (_question, call, answer) =>
        call === 3 ? { ...(await answer()), status: 500 } : answer(),
      /^GET \/api\/files\/\$\{saved\.id\}: HTTP 500; expected any 2xx$/,
      ['POST /api/login', 'POST /api/files', 'GET /api/files/f1', 'DELETE /api/files/f1'],
    ],
    [
      'the clean-up fails, and that is said',
      async (_question, call, answer) =>
        call === 4 ? { ...(await answer()), status: 500 } : answer(),
      /^Not cleaned up: DELETE .*: HTTP 500; expected any 2xx\. Look for check-1 and remove it by hand\. POST /,
      ['POST /api/login', 'POST /api/files', 'GET /api/files/f1', 'DELETE /api/files/f1'],
    ],
  ])('%s', async (_what, meddle, says, expected) => {
    const { world, asked } = services(meddle)
    expect((await verifiedOne(world, CHAIN)).says).toMatch(says)
    expect(asked).toEqual(expected)
  })

  test('a value that is no single line of text is not sent on', async () => {
    const body = JSON.stringify({ token: 'a\r\nX-Admin: yes' })
    const { world, asked } = services(async (_question, call, answer) =>
      call === 1 ? { ...(await answer()), body } : answer(),
    )
    expect(await verifiedOne(world, CHAIN)).toMatchObject({
      verdict: 'not-measured',
      says: 'POST /api/login: its answer has no token at $.token',
    })
    expect(asked).toEqual(['POST /api/login'])
  })

  test('a saved value stays within its part of the address', async () => {
    const body = JSON.stringify({ id: '../../admin?x=1#y' })
    const { world, asked } = services(async (_question, call, answer) =>
      call === 2 ? { ...(await answer()), body } : answer(),
    )
    await verifiedOne(world, CHAIN)
    expect(asked[2]).toBe('GET /api/files/..%2F..%2Fadmin%3Fx%3D1%23y')
  })
})

describe('whatever happens, what may have been written is removed where it is known', () => {
  /** At which call, and what goes wrong there. */
  const trouble = fc.record({
    at: fc.integer({ min: 1, max: 4 }),
    what: fc.constantFrom('lost' as const, 'status' as const, 'thrown' as const, 'stop' as const),
  })

  test('at every call and in every way (seeded)', async () => {
    await fc.assert(
      fc.asyncProperty(trouble, async ({ at, what }) => {
        const stopping = new AbortController()
        const { world, kept, asked } = services(async (question, call, answer) => {
          if (call !== at) return answer()
          const found = await answer()
          if (what === 'status') return { ...found, status: 500 }
          if (what === 'thrown') throw new TypeError('our own mistake')
          if (what === 'lost') throw lost()
          stopping.abort()
          if (question.signal.aborted) throw lost()
          return found
        })
        const { stopped } = { stopped: stopping.signal }
        const { verdict, says } = await verifiedOne(world, CHAIN, { stopped })
        if (at < 4) expect(verdict === 'passed').toBe(false)
        // Its id is known once the upload has been answered: from then on it is always removed.
        const isKnown = at > 2 || (at === 2 && what === 'status')
        if (at < 4 && isKnown) expect([...kept]).toEqual([])
        // Where it is not, the clean-up is not silent about it.
        if (at === 2 && (what === 'lost' || what === 'stop')) {
          if (kept.size > 0) expect(says).toContain('Not cleaned up')
        }
        if (at === 1) expect(asked).toEqual(['POST /api/login'])
      }),
    )
  })

  test('stopped in the middle, it still cleans up, and ends by itself', async () => {
    const stopping = new AbortController()
    const { world, asked, kept } = services((question, call, answer) => {
      if (call !== 3) return answer()
      stopping.abort()
      return Promise.race([
        never,
        new Promise<never>((_resolve, reject) => {
          if (question.signal.aborted) reject(lost())
          question.signal.addEventListener('abort', () => reject(lost()))
        }),
      ])
    })
    const { verdict } = await verifiedOne(world, CHAIN, { stopped: stopping.signal })
    expect(verdict).toBe('not-measured')
    expect(asked.at(-1)).toBe('DELETE /api/files/f1')
    expect([...kept]).toEqual([])
  })

  test('after its deadline the clean-up has a time of its own, and no more than that', async () => {
    expect(CLEAN_UP_MS).toBeLessThanOrEqual(5_000)
    const { world, asked, kept } = services((question, call, answer) => {
      if (call !== 3) return answer()
      return new Promise<never>((_resolve, reject) => {
        question.signal.addEventListener('abort', () => reject(lost()))
      })
    })
    const { verdict, says } = await inVirtualTime(() =>
      verifiedOne(world, CHAIN, { deadlineMs: 60 }),
    )
    expect({ verdict, says }).toMatchObject({ verdict: 'not-measured' })
    expect(asked.at(-1)).toBe('DELETE /api/files/f1')
    expect([...kept]).toEqual([])
  })
})
