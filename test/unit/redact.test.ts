import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redactedLines } from '../../src/domain/text/redacted-lines.ts'
import { redact } from '../../src/domain/text/redact.ts'
import { HARMLESS, SECRETS } from './redaction-corpus.ts'

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

/** The text, and what must not be seen of it: six letters of a secret are too many. */
function parted(shape: string): { text: string; pieces: string[] } {
  const pieces = [...shape.matchAll(/«([^»]*)»/g)].flatMap(([, secret = '']) =>
    Array.from({ length: Math.max(1, secret.length - 5) }, (_, at) => secret.slice(at, at + 6)),
  )
  expect(pieces.length).toBeGreaterThan(0)
  return { text: shape.replaceAll(/[«»]/g, ''), pieces }
}

const seen = (pieces: readonly string[], shown: string) =>
  pieces.filter((piece) => shown.includes(piece))

test('there are enough of them', () => {
  expect(new Set(SECRETS).size).toBeGreaterThanOrEqual(120)
  expect(new Set(HARMLESS).size).toBeGreaterThanOrEqual(60)
})

describe.each(SECRETS)('hidden: %j', (shape) => {
  const { text, pieces } = parted(shape)

  test('as it stands, and twice is as once', () => {
    const hidden = redact(text)
    expect(seen(pieces, hidden)).toEqual([])
    expect(redact(hidden)).toBe(hidden)
  })

  test('escaped for an address, once and twice', () => {
    const once = encodeURIComponent(text)
    expect(seen(pieces, decodeURIComponent(redact(once)))).toEqual([])
    const twice = redact(encodeURIComponent(once))
    expect(seen(pieces, decodeURIComponent(decodeURIComponent(twice)))).toEqual([])
  })

  test('as a string of JSON, once and twice', () => {
    const once = JSON.stringify({ msg: text })
    expect(seen(pieces, redact(once))).toEqual([])
    expect(seen(pieces, redact(JSON.stringify({ log: once })))).toEqual([])
  })

  test('wherever it is cut in two', () => {
    for (let cut = 1; cut < text.length; cut += 1) {
      const lines = redactedLines()
      const shown = lines.push(text.slice(0, cut)) + lines.push(text.slice(cut)) + lines.end()
      expect(seen(pieces, shown)).toEqual([])
    }
  })

  test('between other lines, letter by letter', () => {
    const lines = redactedLines()
    let shown = ''
    for (const letter of `before\n${text}\nafter\n`) shown += lines.push(letter)
    shown += lines.end()
    expect(seen(pieces, shown)).toEqual([])
    expect(shown.startsWith('before\n')).toBe(true)
    expect(shown.endsWith('\nafter\n')).toBe(true)
  })
})

test.each(HARMLESS)('leaves alone: %s', (text) => {
  expect(redact(text)).toBe(text)
})

test('what is coloured and harmless loses its colours, and nothing else', () => {
  expect(redact('\u001B[32minfo\u001B[39m: listening')).toBe('info: listening')
})

describe('what is said of Kubernetes keeps its shape', () => {
  const object = {
    volumes: [{ secret: { secretName: 'backend-tls', defaultMode: 420 } }],
    imagePullSecrets: [{ name: 'registry' }],
    credentials: { user: 'bo', list: ['hunter2x', { b: 'hunter3x' }], port: 5432 },
    replicas: 2,
  }

  test('also on many lines: valid JSON, with the names of secrets and without their values', () => {
    const hidden = redact(JSON.stringify(object, null, 2))
    expect(JSON.parse(hidden)).toEqual({
      ...object,
      credentials: { user: '***', list: ['***', { b: '***' }], port: '***' },
    })
  })

  test('and on one line', () => {
    expect(JSON.parse(redact(JSON.stringify(object)))).toMatchObject({
      credentials: '***',
      replicas: 2,
    })
  })
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
  // What ended a value, or kept an address apart, is taken along.
  for (const text of [
    'password:"://"x@y',
    'password=://&x@y',
    '://password:=basic &x@ypassword',
    'password=\\basic Bearer passwordcookie :',
  ]) {
    expect(redact(redact(text))).toBe(redact(text))
  }
  const Text = fc.array(Piece, { maxLength: 20 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(Text, (text) => {
      expect(redact(redact(text))).toBe(redact(text))
    }),
    { numRuns: 2_000 },
  )
})
