import { describe, expect, onTestFinished, test } from 'vitest'
import { smtpMailer } from '../../src/adapters/smtp/mailer.ts'
import type { SmtpServer } from '../../src/adapters/smtp/session.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { Mail } from '../../src/ports/mailer.ts'
import { selfSigned } from '../support/contracts/certificate.ts'
import { smtpTestServer, type Moment } from '../support/smtp-server.ts'

const LOGIN = { user: 'backout', password: 'p@ss wörd' }
const TO = ['ops@acme.example', 'cto@initech.example']
const MAIL: Mail = {
  key: '20261122-b5ns/0123456789ab/1',
  subject: 'Issue affecting backend',
  text: 'Dear customer,\n\n.since 03:12 UTC\n.\nend',
  bcc: TO,
}

async function served(options: Parameters<typeof smtpTestServer>[0] = {}) {
  const server = await smtpTestServer(options)
  onTestFinished(() => server.stop())
  return server
}

function mailerTo(port: number, changes: Partial<SmtpServer> = {}) {
  const server = { host: '127.0.0.1', port, tls: false, login: null, allowUnencrypted: true }
  const sender = { from: 'status@pipeshub.example', replyTo: 'help@pipeshub.example' }
  return smtpMailer({ server: { ...server, ...changes }, sender })
}

function soon(ms = 10_000): AbortSignal {
  return AbortSignal.timeout(ms)
}

async function faultOf(work: Promise<unknown>): Promise<Fault> {
  const error: unknown = await work.then(
    () => null,
    (found: unknown) => found,
  )
  if (!(error instanceof Fault)) throw new Error('that is no fault', { cause: error })
  return error
}

function headersOf(raw: string): readonly string[] {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ')
  return head.split('\r\n')
}

describe('a letter', () => {
  test('is one mail to all of the list, who do not see one another', async () => {
    const server = await served()
    const taken = await mailerTo(server.port).send(MAIL, soon())
    expect(taken).toEqual({
      id: '20261122-b5ns.0123456789ab.1@pipeshub.example',
      accepted: 2,
      rejected: 0,
    })
    expect(server.letters).toHaveLength(1)
    const [letter] = server.letters
    expect(letter).toMatchObject({ from: 'status@pipeshub.example', to: TO })
    expect(letter?.raw).not.toMatch(/acme|initech|bcc/i)
    expect(headersOf(letter?.raw ?? '')).toEqual(
      expect.arrayContaining([
        'From: status@pipeshub.example',
        'To: "undisclosed-recipients":;',
        'Reply-To: help@pipeshub.example',
        'Subject: Issue affecting backend',
        'Message-ID: <20261122-b5ns.0123456789ab.1@pipeshub.example>',
        'Content-Type: text/plain; charset=utf-8',
      ]),
    )
    const { raw = '' } = letter ?? {}
    expect(raw.slice(raw.indexOf('\r\n\r\n') + 4).trimEnd()).toBe(
      'Dear customer,\r\n\r\n.since 03:12 UTC\r\n.\r\nend',
    )
  })

  test('is waited for where the server is slow, and sent once', async () => {
    const server = await served()
    server.next({ at: 'ehlo', waitsMs: 300 }, { at: 'end', waitsMs: 300 })
    expect(await mailerTo(server.port).send(MAIL, soon())).toMatchObject({ accepted: 2 })
    expect(server.letters).toHaveLength(1)
  })

  test('says how many addresses were refused, and goes to the others', async () => {
    const server = await served()
    server.next({ at: 'rcpt', says: '550 5.1.1 nobody here' })
    expect(await mailerTo(server.port).send(MAIL, soon())).toMatchObject({
      accepted: 1,
      rejected: 1,
    })
    expect(server.letters.map(({ to }) => to)).toEqual([[TO[1]]])
  })

  const HOSTILE = [
    'a\r\nBcc: evil@example.com',
    'a\nBcc: evil@example.com\n\nbody',
    'a\r\n.\r\nMAIL FROM:<evil@example.com>',
    'a\u2028Bcc: evil@example.com',
    'a\u0000\u0085Bcc: evil@example.com',
    `${'ü'.repeat(300)}\r\nBcc: evil@example.com`,
    '=?utf-8?q?=0D=0ABcc:_evil@example.com?=',
  ]

  test.each(HOSTILE)('with the subject and the text %j has no header of its own', async (text) => {
    const server = await served()
    await mailerTo(server.port).send({ ...MAIL, subject: text, text }, soon())
    expect(server.letters).toHaveLength(1)
    const [letter] = server.letters
    const names = headersOf(letter?.raw ?? '').map((line) => line.slice(0, line.indexOf(':')))
    expect(names.toSorted()).toEqual([
      'Content-Transfer-Encoding',
      'Content-Type',
      'Date',
      'From',
      'MIME-Version',
      'Message-ID',
      'Reply-To',
      'Subject',
      'To',
    ])
    expect(letter?.to).toEqual(TO)
    expect(server.commands.filter((line) => line.startsWith('MAIL'))).toHaveLength(1)
  })

  test.each([
    ['an address with a command in it', { bcc: ['a@b.example>\r\nRCPT TO:<evil@example.com'] }],
    ['an address that is two', { bcc: ['a@b.example,evil@example.com'] }],
    ['nobody to go to', { bcc: [] }],
    ['more than it may hold', { text: 'long '.repeat(30_000) }],
  ])('with %s is not begun', async (_, changes) => {
    const server = await served()
    const fault = await faultOf(mailerTo(server.port).send({ ...MAIL, ...changes }, soon()))
    expect(fault.kind).toBe('terminal')
    expect(server.commands).toEqual([])
  })
})

describe('what goes wrong', () => {
  const FIRST: readonly Moment[] = ['greeting', 'ehlo', 'mail', 'data']

  test.each([...FIRST, 'end'] as const)('at %s, with 4xx, may be tried again', async (at) => {
    const server = await served()
    // Without EHLO it tries HELO, which is refused too.
    server.next({ at, says: '451 4.3.0 come back later' })
    const work = mailerTo(server.port).send(MAIL, soon())
    if (at === 'ehlo') return expect(await work).toMatchObject({ accepted: 2 })
    expect(await faultOf(work)).toMatchObject({
      kind: 'retryable',
      code: '451',
      detail: 'the mail server asks to wait: 451 4.3.0 come back later',
    })
    expect(server.letters).toEqual([])
  })

  test.each(['greeting', 'mail', 'data', 'end'] as const)(
    'at %s, with 5xx, is final',
    async (at) => {
      const server = await served()
      server.next({ at, says: '554 5.7.1 not from you' })
      expect(await faultOf(mailerTo(server.port).send(MAIL, soon()))).toMatchObject({
        kind: 'terminal',
        detail: 'the mail server refuses: 554 5.7.1 not from you',
      })
      expect(server.letters).toEqual([])
    },
  )

  test('at every address, is final, and nothing is sent', async () => {
    const server = await served()
    server.next(...TO.map((to) => ({ at: 'rcpt', says: `550 <${to}>: nobody here` }) as const))
    const fault = await faultOf(mailerTo(server.port).send(MAIL, soon()))
    expect(fault).toMatchObject({
      kind: 'terminal',
      detail: 'the mail server refuses: 550 <(an address)>: nobody here',
    })
    expect(server.letters).toEqual([])
  })

  test.each([...FIRST, 'rcpt'] as const)(
    'a connection that is closed at %s has certainly sent nothing',
    async (at) => {
      const server = await served()
      server.next({ at, drops: true })
      const fault = await faultOf(mailerTo(server.port).send(MAIL, soon()))
      expect(fault.kind).toBe('retryable')
      expect(server.letters).toEqual([])
    },
  )

  test.each([...FIRST, 'rcpt'] as const)(
    'a server that hangs at %s is left in time, and the connection closed',
    async (at) => {
      const server = await served()
      server.next({ at, hangs: true })
      const fault = await faultOf(mailerTo(server.port).send(MAIL, soon(300)))
      expect(fault).toMatchObject({ kind: 'retryable' })
      expect(fault.detail).toMatch(/^did not answer in time at 127\.0\.0\.1:\d+$/)
      await expect.poll(server.connected).toBe(0)
    },
  )

  test.each([
    ['a connection that is closed', { at: 'end', drops: true }, 'the connection was closed'],
    ['a server that hangs', { at: 'end', hangs: true }, 'did not answer in time'],
  ] as const)('%s after the end of the letter leaves it unknown', async (_, trouble, words) => {
    const server = await served()
    server.next(trouble)
    const fault = await faultOf(mailerTo(server.port).send(MAIL, soon(500)))
    expect(fault.kind).toBe('unknown-outcome')
    const where = `127.0.0.1:${server.port}`
    expect(fault.detail).toBe(`the answer to the letter was lost: ${words} at ${where}`)
    // That is why: it has it.
    expect(server.letters).toHaveLength(1)
    await expect.poll(server.connected).toBe(0)
  })

  test('nobody there may be tried again', async () => {
    const server = await served()
    await server.stop()
    const fault = await faultOf(mailerTo(server.port).send(MAIL, soon()))
    expect(fault).toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
    expect(fault.detail).toMatch(/^connection refused at 127\.0\.0\.1:\d+$/)
  })

  test('no time left: nobody is asked', async () => {
    const server = await served()
    const fault = await faultOf(mailerTo(server.port).send(MAIL, AbortSignal.abort()))
    expect(fault.kind).toBe('retryable')
    expect(server.connected()).toBe(0)
  })
})

describe('a server that is to be trusted', () => {
  const secure = { allowUnencrypted: false } as const

  test('is sent no letter and no password without STARTTLS', async () => {
    const server = await served({ login: LOGIN })
    const fault = await faultOf(
      mailerTo(server.port, { ...secure, login: LOGIN }).send(MAIL, soon()),
    )
    expect(fault.kind).toBe('terminal')
    expect(server.commands.join('\n')).not.toMatch(/AUTH|MAIL/)
  })

  test('is sent no password without STARTTLS, whatever is allowed', async () => {
    const server = await served({ login: LOGIN })
    await faultOf(
      mailerTo(server.port, { allowUnencrypted: true, login: LOGIN }).send(MAIL, soon()),
    )
    expect(server.commands.join('\n')).not.toMatch(/AUTH|MAIL/)
  })

  test('takes it over STARTTLS, with the login', async () => {
    const certificate = await selfSigned()
    const server = await served({ certificate, login: LOGIN })
    const mailer = mailerTo(server.port, { ...secure, login: LOGIN, ca: certificate.certificate })
    await mailer.send(MAIL, soon())
    expect(server.letters).toMatchObject([{ secure: true, user: 'backout', to: TO }])
  })

  test('takes it over TLS from the first byte on', async () => {
    const certificate = await selfSigned()
    const server = await served({ certificate, implicit: true })
    const mailer = mailerTo(server.port, { ...secure, tls: true, ca: certificate.certificate })
    await mailer.send(MAIL, soon())
    expect(server.letters).toMatchObject([{ secure: true }])
  })

  test.each([true, false])(
    'is not one whose certificate nobody knows (implicit: %s)',
    async (tls) => {
      const certificate = await selfSigned()
      const server = await served({ certificate, ...(tls ? { implicit: true } : {}) })
      const fault = await faultOf(mailerTo(server.port, { ...secure, tls }).send(MAIL, soon()))
      expect(fault).toMatchObject({ kind: 'terminal' })
      expect(fault.detail).toContain('its certificate is not trusted')
      expect(server.letters).toEqual([])
    },
  )

  test('says back the password, and nobody hears it', async () => {
    const certificate = await selfSigned()
    const server = await served({ certificate, login: { ...LOGIN, password: 'another' } })
    const mailer = mailerTo(server.port, { ...secure, login: LOGIN, ca: certificate.certificate })
    const fault = await faultOf(mailer.send(MAIL, soon()))
    expect(fault).toMatchObject({ kind: 'terminal', code: '535' })
    const told = `${fault.stack} ${JSON.stringify(fault)} ${String(fault.cause)}`
    expect(told).toContain('the mail server refuses: 535 5.7.8 … is wrong')
    for (const secret of [LOGIN.password, 'p@ss', Buffer.from(LOGIN.password).toString('base64')]) {
      expect(told).not.toContain(secret)
    }
  })
})

describe('the doctor', () => {
  test('logs in and sends nothing', async () => {
    const certificate = await selfSigned()
    const server = await served({ certificate, login: LOGIN })
    const ca = certificate.certificate
    const mailer = mailerTo(server.port, { allowUnencrypted: false, login: LOGIN, ca })
    expect(await mailer.check(soon())).toMatchObject([
      { state: 'ok', found: 'it answers over TLS, the login is accepted' },
    ])
    expect(server.commands.join('\n')).not.toMatch(/MAIL|RCPT|DATA/)
  })

  test('says what the server says', async () => {
    const server = await served()
    server.next({ at: 'greeting', says: '554 go away' })
    expect(await mailerTo(server.port).check(soon())).toMatchObject([
      { found: 'the mail server refuses: 554 go away' },
    ])
    expect(await mailerTo(server.port).check(soon())).toMatchObject([
      { found: expect.stringContaining('it answers without TLS') as string },
    ])
  })
})
