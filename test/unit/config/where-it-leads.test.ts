import { expect, test } from 'vitest'
import { whereItLeads } from '../../../src/config/where-it-leads.ts'

test.each<[string, readonly string[], string, string]>([
  ['redis://cache', ['redis cache:6379'], '', ''],
  ['rediss://ana:se%3Acret@CACHE:6379/2', ['redis cache:6379'], '/2', 'ana'],
  ['redis://:secret@[::1]:6380', ['redis [::1]:6380'], '', ''],
  ['redis://[2001:db8::1]', ['redis [2001:db8::1]:6379'], '', ''],
  [
    'mongodb://a.test,B.test:27018/shop',
    ['mongodb a.test:27017', 'mongodb b.test:27018'],
    '/shop',
    '',
  ],
  ['mongodb+srv://u:p@shop.test/?tls=true', ['mongodb+srv shop.test:'], '/', 'u'],
  ['postgresql://u@localhost/backout', ['postgres 127.0.0.1:5432'], '/backout', 'u'],
  ['postgres://u@/b?host=/var/run/postgresql', ['postgres /run/postgresql'], '/b', 'u'],
  ['unix:///var/run/docker.sock', ['unix /run/docker.sock'], '/var/run/docker.sock', ''],
  ['tcp://Web-1.internal:2376', ['tcp web-1.internal:2376'], '', ''],
])('%s', (address, servers, path, user) => {
  expect(whereItLeads(address)).toEqual({ servers, path, user })
})

test('of something that is no address nothing is made up, and it does not throw', () => {
  expect(() => whereItLeads('shop')).not.toThrow()
  expect(whereItLeads('shop').user).toBe('')
})
