import { expect, test } from 'vitest'
import { isolationOf } from '../../../src/domain/assessment/isolation.ts'

const pages = {
  sees: { path: '/api/projects/1', text: 'Acme roadmap' },
  mustNotSee: { path: '/api/projects/2', text: 'Globex roadmap' },
}

const page = (status: number, body = '', truncated = false) => ({ status, body, truncated })
const own = page(200, '{"name":"Acme roadmap"}')

test.each([
  ['the other page is not found', own, page(404), 'apart'],
  ['it is refused', own, page(403), 'apart'],
  ['it leads somewhere else', own, page(302), 'apart'],
  ['it answers without the text', own, page(200, '{"projects":[]}'), 'apart'],
  ['it shows the text', own, page(200, '{"name":"Globex roadmap"}'), 'leak'],
  ['it shows the text in an error', own, page(500, 'no such field in Globex roadmap'), 'leak'],
  [
    'it shows the text, and the own page does not answer',
    page(502),
    page(200, 'Globex roadmap'),
    'leak',
  ],
  // A wrong password, and a path that is not there, look like a wall between the organisations.
  ['the own page is refused', page(401), page(401), 'not-known'],
  ['the own page shows something else', page(200, 'log in'), page(200, 'log in'), 'not-known'],
  ['the other page fails', own, page(502), 'not-known'],
  ['too many ask', own, page(429), 'not-known'],
  ['it is too long to be read to its end', own, page(200, 'a', true), 'not-known'],
])('where %s', (_, asked, other, kind) => {
  expect(isolationOf(asked, other, pages).kind).toBe(kind)
})

test('what a page holds is not told', () => {
  const { says } = isolationOf(own, page(200, 'Globex roadmap'), pages)
  expect(says).toBe('/api/projects/2 answers HTTP 200 and shows data of another organisation')
})
