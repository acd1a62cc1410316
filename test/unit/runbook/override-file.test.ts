import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { overrideFile } from '../../../src/runbook/docker/override-file.ts'

const digest = `shop/backend@sha256:${'ab'.repeat(32)}`
const image = { id: `sha256:${'cd'.repeat(32)}`, digest, reference: 'shop/backend:v1.9.0' }
const container = (service = 'backend', host = 'web-1', project = 'shop') => ({
  host,
  compose: { project, service, folder: `/srv/${project}` },
})
const textOf = (...chosen: Parameters<typeof overrideFile>[0]) => overrideFile(chosen)?.text ?? ''

test('each service is named once, by the digest, whatever hosts it is on', () => {
  const text = textOf(
    { container: container(), image },
    { container: container('backend', 'web-2'), image },
    { container: container('frontend'), image },
  )
  expect(parse(text)).toEqual({
    services: { backend: { image: digest }, frontend: { image: digest } },
  })
  expect(text.split('\n')[0]).toBe(
    '# docker-compose.override.yml of shop on web-1 and web-2, in /srv/shop',
  )
})

test('what never was in a registry has its name, and of a moving one which it has to be', () => {
  const local = { ...image, digest: null }
  expect(parse(textOf({ container: container(), image: local }))).toEqual({
    services: { backend: { image: 'shop/backend:v1.9.0' } },
  })
  const text = textOf({
    container: container(),
    image: { ...local, reference: 'shop/backend:stable' },
  })
  expect(parse(text)).toEqual({ services: { backend: { image: 'shop/backend:stable' } } })
  expect(text).toContain('# on the host it has to be sha256:cdcd')
})

test('two projects are two files, and what compose did not make is in none', () => {
  const other = container('api', 'web-1', 'billing')
  const text = textOf({ container: container(), image }, { container: other, image })
  expect(text.split('\n\n').map((one) => parse(one))).toEqual([
    { services: { backend: { image: digest } } },
    { services: { api: { image: digest } } },
  ])
  expect(overrideFile([{ container: { host: 'web-1', compose: null }, image }])).toBeNull()
})

test.each(['a: b', '"x"', 'x\nevil: true', '*x', '- x', 'x:', '#x', '{}'])(
  'a label that somebody wrote stays a name: %j',
  (service) => {
    const text = textOf({
      container: { host: 'web-1', compose: { project: 'p\nq: 1', service, folder: null } },
      image,
    })
    expect(parse(text)).toEqual({ services: { [service]: { image: digest } } })
  },
)
