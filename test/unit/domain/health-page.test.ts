import { describe, expect, test } from 'vitest'
import { ExpectedAnswer } from '../../../src/domain/verification/request-settings.ts'
import {
  healthAsked,
  healthOf,
  type HealthAnswer,
} from '../../../src/domain/workload/health-page.ts'

const json = (body: unknown, status = 200): HealthAnswer => {
  return { status, body: JSON.stringify(body), contentType: 'application/json', truncated: false }
}
const html = (status: number, more: Partial<HealthAnswer> = {}): HealthAnswer => {
  const body = '<!doctype html><title>Sign in</title>'
  return { status, body, contentType: 'text/html', truncated: false, ...more }
}

describe('a health page that nothing is set for', () => {
  test.each([
    ['an empty 204', { ...json(''), status: 204, body: '', contentType: '' }],
    ['plain text', { ...json(''), body: 'OK', contentType: 'text/plain' }],
    ['JSON that says that it is well', json({ status: 'UP', groups: ['liveness'] })],
    ['JSON whose inner parts are down', json({ status: 'pass', checks: { mail: 'down' } })],
    ['JSON that says nothing of it', json({ version: 'v2.0.0' })],
    ['JSON with another redirect', { ...json({ status: 'ok' }), endedAt: '/health/' }],
    ['a word that is called HTML', html(200, { body: 'OK' })],
    ['nothing that is called HTML', html(200, { body: '' })],
    ['JSON that is called HTML', html(200, { body: '{"status":"ok"}' })],
    ['true', json(true)],
    ['ok: 1', json({ ok: 1 })],
    ['a status of its own', json({ status: 200 })],
    ['an envelope around what is well', json({ success: true, data: { status: 'UP' } })],
    ['parts that are down in a whole that is up', json({ status: 'UP', db: { status: 'DOWN' } })],
    ['a switch that is off', json({ features: { beta: 'down' }, debug: false })],
    ['how much there is of something', json({ up: 3_600, available: 0, ready: 0 })],
    ['a text that only begins so', { ...json(''), body: 'Download our app', contentType: '' }],
    ['a page below /auth', { ...json({ status: 'ok' }), endedAt: '/auth/health/' }],
    ['some code beside its word', json({ status: 'ok', code: 420 })],
    ['a word behind its name', { ...json(''), body: 'status: ok', contentType: 'text/plain' }],
    ['a page on its author', { ...json({ status: 'ok' }), endedAt: '/author/health' }],
  ])('is passed with %s', (_, answer) => {
    expect(healthOf(answer, {})).toMatchObject({ kind: 'passing' })
  })

  test.each([
    ['a 503', json({ status: 'ok' }, 503), 'HTTP 503'],
    ['a 500 with a page', html(500), 'HTTP 500'],
    [
      'a 200 that is unhealthy',
      json({ status: 'unhealthy' }),
      'HTTP 200, but it says status: unhealthy',
    ],
    ['a 200 that is down', json({ status: 'DOWN' }), 'HTTP 200, but it says status: DOWN'],
    ['a 200 that is not ok', json({ ok: false }), 'HTTP 200, but it says ok: false'],
    [
      'JSON that is called text',
      { ...json({ health: 'fail' }), contentType: 'text/plain' },
      'HTTP 200, but it says health: fail',
    ],
    ['a word', { ...json(''), body: 'Unhealthy\n' }, 'HTTP 200, but it says Unhealthy'],
    ['two words', { ...json(''), body: 'NOT OK' }, 'HTTP 200, but it says NOT OK'],
    ['a word and why', { ...json(''), body: 'DOWN: no database' }, 'HTTP 200, but it says DOWN'],
    ['a word behind its name', { ...json(''), body: 'status=down' }, 'HTTP 200, but it says down'],
    ['false', json(false), 'HTTP 200, but it says false'],
    ['a word in quotes', json('down'), 'HTTP 200, but it says down'],
    ['ok: 0', json({ ok: 0 }), 'HTTP 200, but it says ok: false'],
    ['a status of its own', json({ status: 503 }), 'HTTP 200, but it says status: 503'],
    [
      'an envelope',
      json({ ok: true, data: { state: 'down' } }),
      'HTTP 200, but it says state: down',
    ],
    [
      'a health of its own',
      json({ health: { status: 'DOWN' } }),
      'HTTP 200, but it says status: DOWN',
    ],
    ['JSON called HTML', html(200, { body: '{"up":false}' }), 'HTTP 200, but it says up: false'],
  ])('fails with %s', (_, answer, says) => {
    expect(healthOf(answer, {})).toEqual({ kind: 'failing', says })
  })

  test.each([
    ['wrong credentials', json({}, 401), /credentials/],
    ['no right', json({}, 403), /credentials/],
    ['a wrong path', html(404), /path/],
    ['a limit', json({}, 429), /too often/],
    ['a redirect to elsewhere', json({}, 302), /elsewhere/],
    ['a request that it does not take', json({}, 418), /request/],
    ['a login page', html(200, { endedAt: '/login' }), /of \/login, where it sends us/],
    ['a page of a load balancer', html(200), /page for people/],
    ['a page whose type is not told', html(200, { contentType: '' }), /page for people/],
    ['a service that starts', json({ status: 'starting' }), /status: starting/],
    [
      'a login in JSON',
      { ...json({ login: 'required' }), endedAt: '/api/login' },
      /\/api\/login.*a login/,
    ],
    ['a login in a window', { ...json({}), endedAt: '/login/popup' }, /a login/],
    ['an empty login', { ...json(''), body: '', endedAt: '/oauth2/start' }, /a login/],
    ['a word', { ...json(''), body: 'Degraded' }, /says Degraded/],
    ['a refusal in an envelope', json({ code: 403 }), /says code: 403/],
    ['one that is not ready', json({ status: 'ok', ready: false }), /says ready: not ready/],
    ['a part that is down', json({ database: 'down', cache: 'ok' }), /says database: down/],
    ['a part in more words', json({ checks: { db: { status: 'DOWN' } } }), /says db: DOWN/],
    ['a part in a list', json([{ name: 'db', status: 'down' }]), /says a part: down/],
    ['a part whose name is none', json({ '<!here>': 'down' }), /says a part: down/],
  ])('is not judged by %s', (_, answer, says) => {
    const seen = healthOf(answer, {})
    expect(seen.kind).toBe('not-judged')
    expect(seen.says).toMatch(says)
  })

  test('tells nothing of where a redirect went but a plain path', () => {
    const { says } = healthOf(html(200, { endedAt: '/login/<!channel>;token=a' }), {})
    expect(says).not.toContain('channel')
  })
})

describe('what the settings say', () => {
  const expected = (changes: Parameters<typeof ExpectedAnswer.parse>[0]) => ({
    expect: ExpectedAnswer.parse(changes),
  })

  test.each([
    [{ status: [401] }, json({}, 401), 'passing'],
    [{ status: [200] }, json({}, 204), 'failing'],
    [{ status: [200] }, json({}, 401), 'not-judged'],
    [{ status: [200] }, html(200), 'passing'],
    [{ status: [200] }, html(200, { endedAt: '/login' }), 'not-judged'],
    [{ contains: ['Sign in'] }, html(200, { endedAt: '/login' }), 'passing'],
    [{ status: [200] }, json({ status: 'down' }), 'failing'],
    [{ contentType: 'text/html' }, html(200), 'passing'],
    [{ contentType: 'application/json' }, html(200), 'not-judged'],
    [{ contains: ['Sign in'] }, html(200), 'passing'],
    [{ contains: ['all is well'] }, html(200), 'failing'],
    [{ json: [{ path: '$.db.up', equals: true }] }, json({ db: { up: true } }), 'passing'],
    [{ json: [{ path: '$.db.up', equals: true }] }, json({ db: { up: false } }), 'failing'],
    [{ json: [{ path: '$.db.up', equals: true }] }, json({}), 'failing'],
    [{ json: [{ path: '$.db.up', equals: true }] }, html(200), 'not-judged'],
    [{ json: [{ path: '$.status', equals: 'degraded' }] }, json({ status: 'degraded' }), 'passing'],
  ] as const)('%j: %j', (changes, answer, kind) => {
    const copy = structuredClone(changes) as Parameters<typeof ExpectedAnswer.parse>[0]
    expect(healthOf(answer, expected(copy)).kind).toBe(kind)
  })

  test('an answer that is too long to be read whole is not judged', () => {
    const long = { ...json({ a: 1 }), body: '{"a":1', truncated: true }
    const wanted = expected({ json: [{ path: '$.a', equals: 1 }] })
    expect(healthOf(long, wanted).kind).toBe('not-judged')
  })
})

test('where a redirect is what the settings call healthy, it is the answer', () => {
  expect(healthAsked({ healthyStatuses: [200, 302] })).toEqual({ redirects: 'answer' })
  expect(healthAsked({ expect: ExpectedAnswer.parse({ status: [307] }) })).toEqual({
    redirects: 'answer',
  })
  expect(healthAsked({ healthyStatuses: [200] })).toEqual({})
  expect(healthAsked({})).toEqual({})
})
