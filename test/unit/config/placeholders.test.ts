import { describe, expect, test } from 'vitest'
import { placeholdersIn } from '../../../src/config/placeholders.ts'

const told = (settings: object) => placeholdersIn(settings).map(({ what }) => what)

describe('a contact that nobody can call is found', () => {
  test.each([
    { phone: '+49 000 000000' },
    { phone: '+49 000 000001' },
    { phone: '+1 (202) 555-0147' },
    { phone: '+49 123 456789' },
    { email: 'ana@example.com' },
    { email: 'oncall@pipeshub.example' },
    { name: 'Ana Example' },
    { name: 'Jane Doe' },
    { name: '<name>' },
    { phone: 'REPLACE' },
    { slack: 'U0000' },
    { slack: 'U0123456789' },
    { slack: 'U00000000' },
  ])('%j', (wrong) => {
    const contact = { role: 'Primary', name: 'Ana Lima', phone: '+49 30 901820', ...wrong }
    const [what, ...others] = told({ contacts: { onCall: [contact] } })
    expect(what).toMatch(/^contacts\.onCall\[0\](\.slack)?: still an example/)
    expect(others).toEqual([])
  })

  test('and a whole one once, by its fields', () => {
    const ana = { role: 'Primary', name: 'Ana Example', phone: '+49 000 000000' }
    expect(told({ contacts: { onCall: [ana, { ...ana, name: 'Ana Lima' }] } })).toEqual([
      'contacts.onCall[0]: still an example (name, phone); put in whom to call',
      'contacts.onCall[1]: still an example (phone); put in whom to call',
    ])
    const support = [{ name: 'Support', address: 'https://support.example' }]
    expect(told({ contacts: { support } })).toEqual([
      'contacts.support[0]: still an example (address); put in whom to call',
    ])
  })
})

describe('an id that Slack never gave anybody is found', () => {
  test.each([
    [{ slack: { channels: ['C0INCIDENTS'] } }, /^slack\.channels: still example ids; .* channel/],
    [{ slack: { channels: ['C0123456789'] } }, /^slack\.channels: still example ids/],
    [{ approval: { users: ['U0ANA', 'U0BO'] } }, /^approval\.users: still .* Copy member ID/],
    [{ approval: { groups: ['S0APPROVERS'] } }, /^approval\.groups: still .* user group/],
    [
      { approval: { escalation: [{ afterMinutes: 2, tell: ['U0000'] }] } },
      /^approval\.escalation\[0\]\.tell: still example ids/,
    ],
  ])('%j', (settings, problem) => {
    expect(told(settings)).toEqual([expect.stringMatching(problem)])
  })
})

test('what is real, or only looks like an example, is left alone', () => {
  expect(
    told({
      environment: 'example-shop',
      slack: { channels: ['C024BE91L', 'C08TNQ4R2KD'] },
      services: [{ name: 'example', url: 'http://backend.production.svc:8080' }],
      prometheus: { traffic: 'sum(a) < bool 3 > 1', errors: 'a <b> c' },
      approval: { users: ['U024BE7LH', 'W012A3CDE'], groups: ['S0615G0KT'] },
      maintenance: { message: '<b>Back in 15 minutes</b>' },
      contacts: {
        onCall: [
          { role: 'Primary', name: 'Ana Lima', phone: '+49 800 3300000', email: 'ana@pipeshub.ai' },
          { role: 'Second', name: 'Bo', phone: '0800 1000100', slack: 'U024BE7LH' },
        ],
        support: [
          { name: 'MongoDB Support', address: 'https://support.mongodb.com/myexample.com' },
        ],
      },
    }),
  ).toEqual([])
})
