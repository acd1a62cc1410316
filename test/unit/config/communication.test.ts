import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config/load-config.ts'
import { smtpServer } from '../../../src/config/smtp-address.ts'
import { WrongConfiguration } from '../../../src/config/problem.ts'

const SETTINGS = `
environment: production
slack: { channels: [C0INCIDENTS] }
services: [{ name: backend, url: "http://backend.example", health: /health, version: null }]
`

function loaded(communication: string, variables: Readonly<Record<string, string>> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'communication-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'backout.yaml')
  writeFileSync(file, `${SETTINGS}communication:\n${communication}\n`)
  return loadConfig({ file, variables, needs: [] }).settings.communication
}

function problemsOf(...given: Parameters<typeof loaded>): readonly string[] {
  try {
    loaded(...given)
    return []
  } catch (error) {
    if (!(error instanceof WrongConfiguration)) throw error
    return error.problems.map(({ what }) => what)
  }
}

test('left out, nothing is published, and people are reminded after a quarter of an hour', () => {
  expect(loaded('  {}')).toEqual({
    publishers: { users: [], groups: [] },
    remindAfterMinutes: 15,
    customers: [],
  })
})

describe('a status page', () => {
  test('has all that its provider needs', () => {
    const page = '  statusPage: { provider: statuspage, page: abcd1234efgh }'
    const key = { BACKOUT_STATUSPAGE_API_KEY: 'k' }
    expect(loaded(page, key).statusPage).toMatchObject({
      apiUrl: 'https://api.statuspage.io',
      notifySubscribers: true,
      impact: { critical: 'critical', high: 'major', medium: 'minor', low: 'minor' },
    })
  })

  const needs = (provider: string, what: string) =>
    `communication.statusPage: provider ${provider} needs ${what}`

  test.each<[string, string, readonly string[]]>([
    [
      'statuspage without a page and a key',
      '  statusPage: { provider: statuspage }',
      [
        needs('statuspage', 'the id of the page, under page'),
        needs('statuspage', 'BACKOUT_STATUSPAGE_API_KEY'),
      ],
    ],
    [
      'webhook without an address',
      '  statusPage: { provider: webhook }',
      [needs('webhook', 'BACKOUT_STATUS_WEBHOOK_URL')],
    ],
    [
      'markdown without a folder',
      '  statusPage: { provider: markdown }',
      [needs('markdown', 'a folder, under folder')],
    ],
    [
      'a component of a service that is none',
      '  statusPage: { provider: markdown, folder: x, components: { backnd: c-1 } }',
      ['communication.statusPage.components: "backnd" is not a service; did you mean "backend"?'],
    ],
    [
      'another key',
      '  statusPage: { provider: markdown, foldr: x }',
      [
        'unknown key "foldr" in communication.statusPage; did you mean "folder"?',
        needs('markdown', 'a folder, under folder'),
      ],
    ],
    [
      'a key in the settings',
      '  statusPage: { provider: markdown, folder: x, link: "javascript:alert(1)" }',
      ['communication.statusPage.link: must be an http or https address'],
    ],
    [
      'customers without an address',
      '  customers: [{ name: Enterprise, to: ["nobody"] }]',
      ['communication.customers[0].to[0]: must be an e-mail address'],
    ],
    [
      'a publisher by name',
      '  publishers: { users: [ana] }',
      ['communication.publishers.users[0]: must be a Slack user id like U0123456789'],
    ],
  ])('is refused with %s', (_, communication, problems) => {
    expect(problemsOf(communication)).toEqual(problems)
  })
})

describe('letters by mail', () => {
  const smtp = (url: string) => ({ BACKOUT_SMTP_URL: url })
  const mail = '  mail: { from: status@pipeshub.example }'

  test('come from an address, over a connection that nobody can read', () => {
    const url = smtp('smtp://backout:p%40ss@mail.example')
    expect(loaded(mail, url).mail).toEqual({
      from: 'status@pipeshub.example',
      allowUnencrypted: false,
    })
    expect(smtpServer(url.BACKOUT_SMTP_URL)).toEqual({
      host: 'mail.example',
      port: 587,
      tls: false,
      login: { user: 'backout', password: 'p@ss' },
    })
    expect(smtpServer('smtps://[::1]')).toEqual({ host: '::1', port: 465, tls: true, login: null })
  })

  test('are sent by hand without a server, and without a sender', () => {
    expect(loaded('  {}', smtp('smtp://mail.example')).mail).toBeUndefined()
  })

  const address = (what: string) => `BACKOUT_SMTP_URL must ${what}`
  const FORM = address(
    'be like smtps://user:password@mail.example:465, or smtp://mail.example:587 for STARTTLS',
  )

  test.each<[string, string, string | null, readonly string[]]>([
    ['no server', mail, null, ['communication.mail: needs the mail server in BACKOUT_SMTP_URL']],
    [
      'a sender that is none',
      '  mail: { from: "Status <status@pipeshub.example>" }',
      'smtps://mail.example',
      ['communication.mail.from: must be an e-mail address'],
    ],
    [
      'a sender on two lines',
      '  mail: { from: "a@b.example\\r\\nBcc: c@d.example" }',
      'smtps://mail.example',
      ['communication.mail.from: must be an e-mail address'],
    ],
    [
      'a password in the clear',
      '  mail: { from: status@pipeshub.example, allowUnencrypted: true }',
      'smtp://backout:hunter2@mail.example',
      [
        'communication.mail: allowUnencrypted would send the password of BACKOUT_SMTP_URL in the clear; remove one of them',
      ],
    ],
    [
      'two lists of one name',
      `${mail}\n  customers: [{ name: A, to: [a@b.example] }, { name: A, to: [c@d.example] }]`,
      'smtps://mail.example',
      ['communication.customers: "A" is listed twice'],
    ],
    ['a web address', '  {}', 'https://mail.example', [FORM]],
    ['a path', '  {}', 'smtp://mail.example/inbox', [FORM]],
    ['no host', '  {}', 'smtp://', [FORM]],
    [
      'half a login',
      '  {}',
      'smtps://backout@mail.example',
      [address('have a user and a password, or neither')],
    ],
    [
      'a password that is a command',
      '  {}',
      'smtps://backout:a%0d%0aQUIT@mail.example',
      [address('have special characters of its user and its password percent-encoded')],
    ],
  ])('are refused with %s', (_, communication, url, problems) => {
    const found = problemsOf(communication, url === null ? {} : smtp(url))
    expect(found).toEqual(problems)
    expect(found.join()).not.toContain('hunter2')
  })
})
