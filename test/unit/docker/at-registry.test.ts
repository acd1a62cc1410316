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

type Others = { readonly lying?: readonly string[]; readonly shown?: readonly string[] }

const other = (build: string, repository = 'registry.example/shop/backend') =>
  `${repository}@sha256:${build.repeat(32)}`

/** An Engine whose registry answers so, what was asked of the registry, and what else lies on the host and is shown. */
function hostSaying(status: number, message: string, { lying = [], shown = [] }: Others = {}) {
  const asked: unknown[] = []
  const never = () => {
    throw new Error('it is only asked')
  }
  const host: DockerHost = {
    name: 'shop-1',
    async get(schema, { path, headers }) {
      if (path === '/images/json') {
        return schema.parse(
          lying.map((one, index) => ({ Id: one, Created: index, RepoDigests: [one] })),
        )
      }
      asked.push({ path, headers })
      if (shown.some((one) => path === `/distribution/${one}/json`)) {
        return schema.parse({ Descriptor: { digest: 'sha256:1' } })
      }
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

const HIDDEN = 'There are no credentials for registry.example, and it does not show this image'
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
    'it says the same to whoever has no credentials at all: it may only not show it',
    {},
    404,
    'manifest unknown: manifest unknown',
    { kind: 'refused', because: HIDDEN },
  ],
  [
    'nor does it show the name',
    {},
    404,
    'name unknown: repository name not known to registry',
    { kind: 'refused', because: HIDDEN },
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

const FRONTEND = other('01', 'registry.example/shop/frontend')
const GONE = { kind: 'gone', because: 'registry.example does not have it any more' }

test.each<[string, object, Others, object]>([
  [
    'what shows another image of that repository to everybody would show this one: it is gone',
    {},
    { lying: [other('01')], shown: [other('01')] },
    GONE,
  ],
  [
    'so it is where the credentials for others are with a program',
    { credsStore: 'desktop' },
    { lying: [other('01')], shown: [other('01')] },
    GONE,
  ],
  [
    'one that was only built on the host was never shown to anybody, and is not the last one asked for',
    {},
    { lying: [other('01'), other('02')], shown: [other('01')] },
    GONE,
  ],
  [
    'what is shown of another repository says nothing of this one',
    {},
    { lying: [FRONTEND], shown: [FRONTEND] },
    { kind: 'refused', because: HIDDEN },
  ],
  [
    'that the very image lies on the host says nothing either',
    {},
    { lying: [digest] },
    { kind: 'refused', because: HIDDEN },
  ],
])('%s', async (_, config, others, expected) => {
  const { host } = hostSaying(404, 'manifest unknown: manifest unknown', others)
  expect(await atRegistry(host, image, RegistryConfig.parse(config), patience())).toEqual(expected)
})

test('few others are asked for, the newest of them', async () => {
  const lying = ['01', '02', '03', '04', '05'].map((build) => other(build))
  const { host, asked } = hostSaying(404, 'manifest unknown', { lying })
  await atRegistry(host, image, RegistryConfig.parse({}), patience())
  expect(asked).toMatchObject(
    [digest, other('05'), other('04'), other('03')].map((one) => {
      return { path: `/distribution/${one}/json` }
    }),
  )
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
