import { resolve } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { hasMailServer, lettersOf, openMailer } from '../../src/compose/letters.ts'
import { Communication } from '../../src/config/communication.ts'
import { loadConfig, type Config } from '../../src/config/load-config.ts'
import type { Event } from '../../src/domain/incident/event.ts'
import { declared, incidentAfter, opened } from '../support/builders.ts'
import { selfSigned } from '../support/contracts/certificate.ts'
import { smtpTestServer } from '../support/smtp-server.ts'

const clock = { now: () => Date.UTC(2026, 10, 22, 3, 12, 7) }
const mail = { from: 'status@pipeshub.example' }
const customers = [{ name: 'Enterprise', to: ['ops@acme.example', 'ops@acme.example'] }]
const url = 'smtps://mail.invalid'

function configWith(
  communication: Readonly<Record<string, unknown>>,
  variables: Readonly<Record<string, string>> = {},
): Config {
  const config = loadConfig({
    file: resolve(import.meta.dirname, '../../backout.yaml'),
    needs: [],
    variables: { BACKEND_URL: 'http://b.invalid', FRONTEND_URL: 'http://f.invalid', ...variables },
  })
  const settings = { ...config.settings, communication: Communication.parse(communication) }
  return { ...config, settings }
}

test.each<[string, object, Record<string, string>]>([
  ['a mail server', { customers, mail }, {}],
  ['a sender', { customers }, { BACKOUT_SMTP_URL: url }],
  ['anybody to write to', { mail }, { BACKOUT_SMTP_URL: url }],
])('without %s people send letters by hand', (_, communication, variables) => {
  expect(lettersOf(configWith({ ...communication }, variables), clock)).toBeNull()
})

test('a letter is another one as soon as a word of it is, or who gets it', () => {
  const after = (to: readonly string[], ...events: readonly Event[]) => {
    const config = configWith(
      { customers: [{ name: 'Enterprise', to }], mail },
      { BACKOUT_SMTP_URL: url },
    )
    return lettersOf(config, clock)?.all(incidentAfter(opened, declared, ...events)) ?? []
  }
  const [one] = after(['a@b.example', 'c@d.example'])
  const [same] = after(['c@d.example', 'a@b.example'])
  const [other] = after(['a@b.example'])
  const edited: Event = {
    type: 'incident-edited',
    by: 'U0BO',
    edit: { title: 'ACME', description: 'Ask Bob', severity: 'critical' },
  }
  expect(one?.digest).toMatch(/^[0-9a-f]{32}$/)
  expect(same).toEqual(one)
  expect(other?.digest).not.toBe(one?.digest)
  expect(other?.letter.list).toBe(one?.letter.list)
  // Nothing that was typed for colleagues is in it.
  expect(after(['a@b.example', 'c@d.example'], edited)).toEqual([one])
  expect(JSON.stringify(one)).not.toContain('@')
})

test('the settings lead to the server, over TLS that the CA file vouches for', async () => {
  const certificate = await selfSigned()
  const login = { user: 'backout', password: 'p@ss' }
  const server = await smtpTestServer({ certificate, implicit: true, login })
  onTestFinished(() => server.stop())
  const config = configWith(
    { customers, mail: { ...mail, replyTo: 'help@pipeshub.example' } },
    {
      BACKOUT_SMTP_URL: `smtps://backout:p%40ss@127.0.0.1:${server.port}`,
      BACKOUT_SMTP_CA_FILE: certificate.certFile,
    },
  )
  expect(hasMailServer(config)).toBe(true)
  const mailer = await openMailer(config)
  const signal = AbortSignal.timeout(5_000)
  expect(await mailer.check(signal)).toMatchObject([{ state: 'ok' }])
  const letters = lettersOf(config, clock)
  const incident = incidentAfter(opened, declared)
  const [draft] = letters?.all(incident) ?? []
  if (!letters || !draft) throw new Error('there is no letter')
  const key = `${draft.letter.list}/1`
  const receipt = await letters.courier.send(incident, { key, to: draft.letter }, signal)
  expect(receipt).toMatchObject({ accepted: 1, rejected: 0, at: '2026-11-22T03:12:07.000Z' })
  expect(server.letters).toMatchObject([
    { to: ['ops@acme.example'], user: 'backout', secure: true },
  ])
  expect(server.letters[0]?.raw).toContain('Reply-To: help@pipeshub.example')
  // Whoever is on the list now was not on it when somebody pressed.
  const stale = { ...draft.letter, addressed: 'others' }
  await expect(letters.courier.send(incident, { key, to: stale }, signal)).rejects.toMatchObject({
    kind: 'terminal',
    detail: expect.stringContaining('were changed in the settings') as string,
  })
  expect(server.letters).toHaveLength(1)
})
