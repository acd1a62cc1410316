import { describe, expect, test } from 'vitest'
import { ExpectedAnswer } from '../../../src/domain/verification/request-settings.ts'
import { healthOf, type HealthAnswer } from '../../../src/domain/workload/health-page.ts'

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
