import { expect, test } from 'vitest'
import { atRegistry } from '../../../src/adapters/docker/images/at-registry.ts'
import { RegistryConfig } from '../../../src/adapters/docker/images/registry-credentials.ts'
import { toFault } from '../../../src/adapters/docker/client/faults.ts'
import type { DockerHost } from '../../../src/adapters/docker/client/client.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { patience } from '../../support/contracts/outside.ts'

const digest = `registry.example/shop/backend@sha256:${'ab'.repeat(32)}`
const image = {
  id: `sha256:${'cd'.repeat(32)}`,
  reference: 'registry.example/shop/backend:v1',
  digest,
}

/** An Engine whose registry answers so, and what it was asked. */
function hostSaying(status: number, message: string) {
  const asked: unknown[] = []
  const never = () => {
    throw new Error('it is only asked')
  }
  const host: DockerHost = {
    name: 'shop-1',
    async get(_, { path, headers }) {
      asked.push({ path, headers })
      const body = JSON.stringify({ message })
      throw toFault({ kind: 'answer', status, body }, 'shop-1')
    },
    stream: never,
    write: never,
    speaks: never,
    close: () => undefined,
  }
  return { host, asked }
}

const HELPER = { credHelpers: { 'registry.example': 'ecr-login' } }
const LOGIN = { auths: { 'https://registry.example/v2/': { username: 'bot', password: 'p' } } }

test.each<[string, object, number, string, object]>([
  [
    'the digest is gone, and who asks was let in',
    LOGIN,
    404,
    'manifest unknown: manifest unknown',
    { kind: 'gone', because: 'registry.example does not have it any more' },
  ],
  [
    'it says the same to somebody whose credentials are with a program: that is named, and no image is missed',
    HELPER,
    404,
    'manifest unknown: manifest unknown',
    {
      kind: 'refused',
      because: expect.stringMatching(/^The credentials .* docker-credential-ecr-login/),
    },
  ],
  [
    'the login has expired: the entry is named',
    LOGIN,
    401,
    'Get "https://registry.example/v2/": unauthorized: authentication required',
    {
      kind: 'refused',
      because: expect.stringMatching(/entry https:\/\/registry\.example\/v2\/ were sent.*expired/),
    },
  ],
  [
    'the Engine says it with a status of its own',
    {},
    500,
    'denied: requested access to the resource is denied',
    { kind: 'refused', because: 'There are no credentials for registry.example' },
  ],
  [
    'the registry is away',
    LOGIN,
    500,
    'Get "https://registry.example/v2/": dial tcp: connection refused',
    { kind: 'not-known', because: expect.stringMatching(/connection refused/) },
  ],
  [
    'something in front of the Engine lets nobody ask',
    LOGIN,
    403,
    'GET /distribution/x/json is not among the calls that Backout makes.',
    { kind: 'not-known', because: expect.stringMatching(/not among the calls/) },
  ],
])('%s', async (_, config, status, message, expected) => {
  const { host, asked } = hostSaying(status, message)
  const found = await atRegistry(host, image, RegistryConfig.parse(config), patience())
  expect(found).toEqual(expected)
  expect(asked).toMatchObject([{ path: `/distribution/${digest}/json` }])
})

test('a host that gives no answer at all is a fault of that host', async () => {
  const { host } = hostSaying(500, '')
  const fault = new Fault({
    kind: 'retryable',
    dependency: 'docker',
    code: 'ECONNREFUSED',
    detail: 'away',
  })
  const away: DockerHost = { ...host, get: async () => Promise.reject(fault) }
  await expect(atRegistry(away, image, RegistryConfig.parse({}), patience())).rejects.toBe(fault)
})
