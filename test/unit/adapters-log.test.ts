import { expect, test } from 'vitest'
import { pinoLog } from '../../src/adapters/log/pino-log.ts'

function written(facts: Record<string, unknown>): Record<string, unknown> {
  let line = ''
  const log = pinoLog({ level: 'info', to: { write: (text) => (line = text) } })
  log.info('a message', facts)
  return JSON.parse(line)
}

test.each([
  ['an object', { headers: { authorization: 'Bearer hunter2hunter2' } }],
  ['an object with a telling name', { login: { password: 'hunter2hunter2' } }],
  ['a list', ['redis://:hunter2hunter2@redis:6379']],
  ['a map', new Map([['token', 'hunter2hunter2']])],
  ['an error inside of an object', { error: new Error('password=hunter2hunter2') }],
  ['an error', new Error('password=hunter2hunter2')],
  ['a text', 'password=hunter2hunter2'],
])('a secret in %s is not written', (_what, fact) => {
  const { fact: shown } = written({ fact })
  expect(shown).toContain('***')
  expect(shown).not.toContain('hunter2')
})

test('what cannot hold a secret is written as it is', () => {
  const facts = { port: 8080, socket: true, delivery: null }
  expect(written(facts)).toMatchObject(facts)
})
