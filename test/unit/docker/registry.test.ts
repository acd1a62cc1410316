import { describe, expect, test } from 'vitest'
import { pullReader } from '../../../src/adapters/docker/images/pull-progress.ts'
import {
  credentialsFor,
  RegistryConfig,
} from '../../../src/adapters/docker/images/registry-credentials.ts'
import {
  isSameRepository,
  registryOf,
  repositoryOf,
} from '../../../src/adapters/docker/read/image-names.ts'

const auth = (user: string, password: string) =>
  Buffer.from(`${user}:${password}`).toString('base64')

const of = (reference: string, config: unknown) => {
  const found = credentialsFor(reference, RegistryConfig.parse(config))
  if (found.kind !== 'found') return found
  const { entry, header } = found
  return { entry, ...JSON.parse(Buffer.from(header, 'base64url').toString('utf8')) }
}

describe('credentials', () => {
  const hub = { auths: { 'https://index.docker.io/v1/': { auth: auth('bot', 'a:b') } } }

  test.each([
    'backend',
    'shop/backend:v1',
    'docker.io/shop/backend@sha256:1',
    'index.docker.io/a/b',
  ])('of Docker Hub are found for %s under its oldest name', (reference) => {
    expect(of(reference, hub)).toMatchObject({ username: 'bot', password: 'a:b' })
    expect(of('registry.example/a/b', hub)).toEqual({
      kind: 'none',
      registry: 'registry.example',
    })
  })

  test.each([
    'registry.example:5000',
    'https://registry.example:5000',
    'https://registry.example:5000/v2/',
  ])('are found where they are written down as %s', (entry) => {
    const config = { auths: { [entry]: { username: 'bot', password: 'p' } } }
    expect(of('registry.example:5000/a/b', config)).toMatchObject({ entry, username: 'bot' })
    expect(of('registry.example/a/b', config)).toMatchObject({ kind: 'none' })
  })

  test('a token is sent in place of a password', () => {
    const config = {
      auths: { 'registry.example': { auth: auth('<token>', ''), identitytoken: 't' } },
    }
    expect(of('registry.example/a/b', config)).toMatchObject({ identitytoken: 't' })
  })

  test('that are with a program are told by its name, and the program is not run', () => {
    const helper = (name: string) => ({ kind: 'with-helper', helper: `docker-credential-${name}` })
    const store = { auths: { 'registry.example': {} }, credsStore: 'desktop' }
    expect(of('registry.example/a/b', store)).toEqual(helper('desktop'))
    const own = { credsStore: 'desktop', credHelpers: { 'registry.example': 'ecr-login' } }
    expect(of('registry.example/a/b', own)).toEqual(helper('ecr-login'))
    expect(of('backend', { credHelpers: { 'index.docker.io': 'pass' } })).toEqual(helper('pass'))
    expect(of('backend', {})).toEqual({ kind: 'none', registry: 'docker.io' })
  })
})

test('a registry is named only by a first part with a dot or a port', () => {
  expect(registryOf('shop/backend')).toBe('docker.io')
  expect(registryOf('localhost/backend')).toBe('localhost')
  expect(registryOf('127.0.0.1:5000/backend:v1')).toBe('127.0.0.1:5000')
  expect(repositoryOf('127.0.0.1:5000/backend:v1@sha256:1')).toBe('127.0.0.1:5000/backend')
  expect(repositoryOf('127.0.0.1:5000/backend')).toBe('127.0.0.1:5000/backend')
  expect(isSameRepository('backend:v1', 'docker.io/library/backend@sha256:1')).toBe(true)
  expect(isSameRepository('shop/backend', 'registry.example/shop/backend')).toBe(false)
})

describe('what is told while it is pulled', () => {
  const line = (said: unknown): string => `${JSON.stringify(said)}\r\n`
  const down = (id: string, current: number, total: number) =>
    line({ id, status: 'Downloading', progressDetail: { current, total } })

  test('is counted over all layers, also when a line comes in two parts', () => {
    const reader = pullReader()
    expect(reader.push(line({ id: 'a', status: 'Pulling fs layer' }))).toBeNull()
    expect(reader.push(down('a', 10, 100))).toEqual({ done: 10, total: 100 })
    const [first, second] = [down('b', 5, 50).slice(0, 20), down('b', 5, 50).slice(20)]
    expect(reader.push(first)).toBeNull()
    expect(reader.push(second)).toEqual({ done: 15, total: 150 })
    expect(reader.push(line({ id: 'a', status: 'Download complete' }))).toEqual({
      done: 105,
      total: 150,
    })
    expect(reader.failed()).toBeNull()
  })

  test('an error at the end of a success is an error', () => {
    const reader = pullReader()
    reader.push(down('a', 100, 100))
    reader.push(JSON.stringify({ errorDetail: { message: 'unknown blob' }, error: 'unknown blob' }))
    expect(reader.failed()).toBe('unknown blob')
  })

  test('what is no line of it changes nothing', () => {
    const reader = pullReader()
    expect(reader.push('<html>\n{"progressDetail": 5}\n')).toBeNull()
    expect(reader.failed()).toBeNull()
  })
})
