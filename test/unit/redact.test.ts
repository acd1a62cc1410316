import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact } from '../../src/domain/text/redact.ts'

const jwt = 'eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl'
const key = [
  '-----BEGIN RSA PRIVATE KEY-----',
  'MIIEowIBAAKCAQEA0Z3VS5JJcds3x',
  'q83vEjRW',
  '-----END RSA PRIVATE KEY-----',
]

describe('what it hides', () => {
  test.each([
    ['GET / Authorization: Bearer abc.def-ghi_123', 'GET / Authorization: ***'],
    ['sent "authorization":"Basic dXNlcjpwYXNz" to it', 'sent "authorization":"***" to it'],
    ['curl -H "X: bearer 0123456789abcdef"', 'curl -H "X: bearer ***"'],
    ['mongodb://es:p%40ss@db1,db2/es?w=1', 'mongodb://***@db1,db2/es?w=1'],
    ['redis://:p@ss@cache:6379/0', 'redis://***@cache:6379/0'],
    ['https://ghtoken@github.com/a/b', 'https://***@github.com/a/b'],
    ['DB_PASSWORD=hunter2 ok', 'DB_PASSWORD=*** ok'],
    ['user=bo&access_token=abc&page=2', 'user=bo&access_token=***&page=2'],
    ['client_secret: s3cr3t', 'client_secret: ***'],
    ['{"user":"bo","password":"a\\"b c","page":2}', '{"user":"bo","password":"***","page":2}'],
    ["{ password: 'a b', user: 'bo' }", "{ password: '***', user: 'bo' }"],
    [
      '{\\"password\\":\\"hunter2\\",\\"user\\":\\"bo\\"}',
      '{\\"password\\":\\"***\\",\\"user\\":\\"bo\\"}',
    ],
    ['apiKey => abc123', 'apiKey => ***'],
    ['x-api-key: abc123', 'x-api-key: ***'],
    ['Set-Cookie: sid=abc; Path=/', 'Set-Cookie: ***'],
    [`session ${jwt} expired`, 'session *** expired'],
    ['xoxb-1234-5678-abcdef and xapp-1-A1-2-abc', '*** and ***'],
    ['https://hooks.slack.com/services/T1/B1/abcdef', 'https://hooks.slack.com/services/***'],
    ['key AKIAIOSFODNN7EXAMPLE used', 'key *** used'],
    ['aws_secret_access_key = wJalr/XUtn', 'aws_secret_access_key = ***'],
    [`before\n${key.join('\n')}\nafter`, 'before\n***\nafter'],
    [`"key":"${key.join('\\n')}\\n"`, '"key":"***\\n"'],
    [`cut off\n${key.slice(0, 2).join('\n')}\nmore`, 'cut off\n***'],
  ])('%j', (text, hidden) => {
    expect(redact(text)).toBe(hidden)
  })

  test('a key whose beginning was cut off', () => {
    const tail = `${key.slice(1).join('\n')}\nafter`
    expect(redact(tail)).toBe('***\nafter')
    expect(redact(`a line\n${tail}`)).toBe('a line\n***\nafter')
  })
})

test.each([
  '2026-11-22T12:00:00Z INFO listening on 0.0.0.0:8080',
  'GET http://backend.production.svc:8080/users?page=2 200 in 12 ms',
  'Back-off pulling image "registry.example/backend:v2.0.0@sha256:abcdef"',
  'login failed: password is required',
  '{"password":null,"tokenExpired":true}',
  'mail from ana@example.com about https://example.com/a@b',
  'Unexpected token } in JSON at position 4',
])('leaves alone: %s', (text) => {
  expect(redact(text)).toBe(text)
})

const Secret = fc.stringMatching(/^[A-Za-z0-9_]{12,40}$/).map((text) => `Zq${text}`)
const Around = fc.stringMatching(/^[a-z ,.()[\]{}]{0,30}$/)
const shapes: readonly ((secret: string) => string)[] = [
  (secret) => `Bearer ${secret}`,
  (secret) => `Authorization: Basic ${secret}`,
  (secret) => `postgres://user:${secret}@host/db`,
  (secret) => `PGPASSWORD=${secret}`,
  (secret) => `MY_TOKEN_V2="${secret}"`,
  (secret) => `refreshToken: '${secret}'`,
  (secret) => JSON.stringify({ user: 'bo', clientSecret: secret }),
  (secret) => JSON.stringify(JSON.stringify({ password: secret })),
  (secret) => `eyJ${secret}.eyJ${secret}.${secret}`,
  (secret) => `-----BEGIN PRIVATE KEY-----\n${secret}\n-----END PRIVATE KEY-----`,
]

test('no secret in any shape survives, whatever stands around it, and twice is as once', () => {
  fc.assert(
    fc.property(
      Secret,
      fc.constantFrom(...shapes),
      Around,
      Around,
      (secret, shape, left, right) => {
        const hidden = redact(`${left} ${shape(secret)} ${right}`)
        expect(hidden).not.toContain(secret)
        expect(redact(hidden)).toBe(hidden)
      },
    ),
    { numRuns: 1_000 },
  )
})

test('twice is as once for any text', () => {
  const Piece = fc.constantFrom(
    'password',
    'token',
    '=',
    ':',
    ' ',
    '"',
    "'",
    '\\',
    '***',
    'Bearer ',
    'authorization',
    'basic ',
    'x@y',
    '://',
    'abcdefgh',
    '\n',
    '-----BEGIN PRIVATE KEY-----',
    'cookie',
    '&',
  )
  const Text = fc.array(Piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(Text, (text) => {
      expect(redact(redact(text))).toBe(redact(text))
    }),
    { numRuns: 2_000 },
  )
})
