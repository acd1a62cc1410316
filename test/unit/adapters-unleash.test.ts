import type { RequestListener } from 'node:http'
import { expect, test } from 'vitest'
import { httpEndpoints } from '../../src/adapters/http/endpoints.ts'
import { unleashFlag } from '../../src/adapters/unleash/flag.ts'
import { answerWith, serve } from '../support/contracts/http-server.ts'
import { faultOf, patience } from '../support/contracts/outside.ts'

const flagAt = (url: string, clientToken: string | null = null) =>
  unleashFlag({
    url,
    token: 'hunter2',
    clientToken,
    feature: 'multi',
    project: 'default',
    environment: 'production',
    endpoints: httpEndpoints({ dependency: 'unleash' }),
  })

const feature = (more: object = {}) => ({
  name: 'multi',
  createdAt: '2026-11-22T03:12:07.000Z',
  environments: [{ name: 'production', enabled: true, strategies: [{ disabled: false }] }],
  ...more,
})

type Answers = Readonly<Record<string, readonly [status: number, body: unknown]>>

/** As its Enterprise edition answers, and what was written to it. */
async function unleash(answers: Answers = {}, onWrite?: RequestListener) {
  const writes: string[] = []
  const url = await serve((request, response) => {
    const path = (request.url ?? '').replace(/\?.*/, '')
    if (request.method === 'POST') {
      writes.push(path)
      if (onWrite) {
        onWrite(request, response)
        return
      }
    }
    const known: Answers = {
      '/api/admin/projects/default/features/multi': [200, feature()],
      ...answers,
    }
    const [status, body] = known[path] ?? [request.method === 'POST' ? 200 : 404, undefined]
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(body === undefined ? '' : JSON.stringify(body))
  })
  return { url, store: flagAt(url), writes }
}

const CONFIG = '/api/admin/projects/default/change-requests/config'
const identity = 'default/multi/2026-11-22T03:12:07.000Z'
const write = { identity, from: 'on', to: 'off' }
const options = () => ({ cause: 'Ana and Ben', signal: patience() })

test('where change requests are taken only, that is in the way, unless the token may skip them', async () => {
  const config = [{ environment: 'production', type: 'production', changeRequestEnabled: true }]
  const rights = (permission: string, environment?: string) => ({
    [CONFIG]: [200, config] as const,
    '/api/admin/user': [200, { permissions: [{ permission, environment }] }] as const,
  })
  const refused = await unleash(rights('UPDATE_FEATURE_ENVIRONMENT'))
  expect((await refused.store.look('off', patience())).obstacle).toBe(
    'production takes change requests only, and UNLEASH_TOKEN may not skip them',
  )
  expect(await refused.store.write(write, options())).toMatchObject({ kind: 'refused' })
  expect(refused.writes).toEqual([])
  const elsewhere = await unleash(rights('SKIP_CHANGE_REQUEST', 'staging'))
  expect((await elsewhere.store.look('off', patience())).obstacle).not.toBeNull()
  for (const allowed of [rights('ADMIN'), rights('SKIP_CHANGE_REQUEST', 'production')]) {
    const { store } = await unleash(allowed)
    expect((await store.look('off', patience())).obstacle).toBeNull()
  }
})

test('until services are told the new value, it is not told as done, and not sent again', async () => {
  const told = (enabled: boolean) => ({
    '/api/client/features': [200, { features: [{ name: 'multi', enabled }] }] as const,
  })
  const isOff = { environments: [{ name: 'production', enabled: false, strategies: [] }] }
  const switched = {
    '/api/admin/projects/default/features/multi': [200, feature(isOff)] as const,
  }
  const late = await unleash({ ...switched, ...told(true) })
  const store = flagAt(late.url, 'client')
  expect((await store.look('off', patience())).value).toBe('on')
  expect(await store.write(write, options())).toEqual({ kind: 'written' })
  expect(late.writes).toEqual([])
  const early = await unleash(told(false))
  // Somebody has just turned it on again.
  expect((await flagAt(early.url, 'client').look('off', patience())).value).toBe('on')
  const done = await unleash({ ...switched, ...told(false) })
  expect((await flagAt(done.url, 'client').look('off', patience())).value).toBe('off')
})

test.each<[string, RequestListener, object]>([
  ['200', answerWith(200, ''), { kind: 'written' }],
  [
    '400',
    answerWith(400, '{"message":"archived"}'),
    { because: 'Unleash answered HTTP 400: archived' },
  ],
  ['404', answerWith(404, '{"message":"gone"}'), { kind: 'refused' }],
])('a write that is answered with %s', async (_status, onWrite, expected) => {
  const { store, writes } = await unleash({}, onWrite)
  expect(await store.write(write, options())).toMatchObject(expected)
  expect(writes).toEqual(['/api/admin/projects/default/features/multi/environments/production/off'])
})

test.each<[string, RequestListener, string]>([
  ['no answer', (request) => request.socket.destroy(), 'unknown-outcome'],
  [
    'half an answer',
    (_, response) => void response.write('{', () => response.destroy()),
    'unknown-outcome',
  ],
  ['500', answerWith(500, ''), 'unknown-outcome'],
  ['502 of a proxy', answerWith(502, '<html>'), 'unknown-outcome'],
  ['a page of a proxy', answerWith(200, '<html>', 'text/html'), 'unknown-outcome'],
  ['503', answerWith(503, ''), 'retryable'],
  ['429', answerWith(429, ''), 'retryable'],
  ['401', answerWith(401, ''), 'terminal'],
  [
    'a redirect',
    (_, response) => void response.writeHead(302, { location: '/login' }).end(),
    'terminal',
  ],
])('a write that is answered with %s is sent once', async (_what, onWrite, kind) => {
  const { store, writes } = await unleash({}, onWrite)
  const fault = await faultOf(store.write(write, options()))
  expect(fault).toMatchObject({ kind, dependency: 'unleash' })
  expect(fault.detail).not.toContain('hunter2')
  expect(writes).toHaveLength(1)
})

test.each<[string, RequestListener, string, RegExp]>([
  ['garbage', answerWith(200, 'hello'), 'terminal', /not one of Unleash/],
  ['other JSON', answerWith(200, '[]'), 'terminal', /not one of Unleash/],
  ['a page of a proxy', answerWith(200, '<html>', 'text/html'), 'terminal', /not one of Unleash/],
  ['more than can be read', answerWith(200, `"${'x'.repeat(2 ** 21)}"`), 'terminal', /1 MiB/],
  [
    '500',
    answerWith(500, '{"message":"database\\nis gone"}'),
    'retryable',
    /500: database is gone/,
  ],
  ['403', answerWith(403, '{"message":"no access"}'), 'terminal', /may not do this.*no access/],
])(
  'a look that is answered with %s is a fault, and never a value',
  async (_, answer, kind, words) => {
    const fault = await faultOf(flagAt(await serve(answer)).look('off', patience()))
    expect(fault).toMatchObject({ kind, dependency: 'unleash' })
    expect(fault.detail).toMatch(words)
  },
)

test.each<[string, object, RegExp]>([
  ['flags that depend on it', { children: ['a', 'b'] }, /Off as well where it is off: a, b\./],
  [
    'no strategy',
    { environments: [{ name: 'production', enabled: true, strategies: [] }] },
    /turned on, Unleash adds one that is on for everybody/,
  ],
  [
    'disabled strategies',
    { environments: [{ name: 'production', enabled: true, strategies: [{ disabled: true }] }] },
    /once off, it cannot be turned on again here/,
  ],
])('%s are said before anybody signs', async (_what, more, words) => {
  const path = '/api/admin/projects/default/features/multi'
  const { store } = await unleash({ [path]: [200, feature(more)] })
  expect((await store.look('off', patience())).cautions.join(' ')).toMatch(words)
})

test('a switch on is told in words of a switch on', async () => {
  const path = '/api/admin/projects/default/features/multi'
  const production = { name: 'production', enabled: false, strategies: [{ disabled: false }] }
  const more = { children: ['beta'], environments: [production] }
  const { store } = await unleash({ [path]: [200, feature(more)] })
  expect((await store.look('on', patience())).cautions).toEqual([
    'On in production means on for whom its strategy there says so.',
    'May be on as well where it is on: beta.',
    'Services hear of it when they ask next: after 15 seconds, unless they are set otherwise.',
  ])
  const without = { environments: [{ ...production, strategies: [] }] }
  const { store: bare } = await unleash({ [path]: [200, feature(without)] })
  expect((await bare.look('on', patience())).cautions[0]).toBe(
    'It has no strategy in production: Unleash adds one that is on for everybody.',
  )
})

test('its address may have a path of its own, and a redirect gets no token', async () => {
  const asked: string[] = []
  const url = await serve((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`)
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  await faultOf(flagAt(`${url}/flags/`).look('off', patience()))
  expect(asked).toContain('/flags/api/admin/projects/default/features/multi hunter2')
  expect(asked.join(' ')).not.toContain('elsewhere')
})
