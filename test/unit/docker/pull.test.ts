import { expect, test } from 'vitest'
import type { DockerHost } from '../../../src/adapters/docker/client/client.ts'
import { toFault } from '../../../src/adapters/docker/client/faults.ts'
import { pull } from '../../../src/adapters/docker/images/pull.ts'
import { RegistryConfig } from '../../../src/adapters/docker/images/registry-credentials.ts'
import { patience } from '../../support/contracts/outside.ts'

const digest = `registry.example/shop/backend@sha256:${'ab'.repeat(32)}`
const shownToAll = `registry.example/shop/backend@sha256:${'01'.repeat(32)}`
const image = {
  id: `sha256:${'cd'.repeat(32)}`,
  reference: 'registry.example/shop/backend:v1',
  digest,
}

/** An Engine that has no such image, and whose pull ends so. */
function hostSaying(said: string, lying: readonly string[] = []): DockerHost {
  const never = () => {
    throw new Error('it only pulls')
  }
  return {
    name: 'shop-1',
    async get(schema, { path }) {
      if (path === '/images/json') {
        return schema.parse(lying.map((one) => ({ Id: one, Created: 1, RepoDigests: [one] })))
      }
      if (path === `/distribution/${shownToAll}/json`) {
        return schema.parse({ Descriptor: { digest: 'sha256:1' } })
      }
      throw toFault({ kind: 'answer', status: 404, body: '{"message":"no such image"}' }, 'shop-1')
    },
    async stream() {
      const line = `${JSON.stringify({ errorDetail: { message: said }, error: said })}\r\n`
      async function* chunks() {
        yield Buffer.from(line)
      }
      return { chunks: chunks(), [Symbol.asyncDispose]: async () => undefined }
    },
    write: never,
    speaks: never,
    close: () => undefined,
  }
}

const UNKNOWN = `manifest for ${digest} not found: manifest unknown: manifest unknown`
const LOGIN = { auths: { 'registry.example': { username: 'bot', password: 'p' } } }

test.each<[string, object, string, readonly string[], RegExp]>([
  [
    'without credentials it is said that there are none',
    {},
    UNKNOWN,
    [],
    /manifest unknown\. There are no credentials for registry\.example, and it does not show this image$/,
  ],
  [
    'the program that has them is named',
    { credHelpers: { 'registry.example': 'ecr-login' } },
    UNKNOWN,
    [],
    /manifest unknown\. The credentials .* docker-credential-ecr-login, which this bot does not run/,
  ],
  ['with credentials that are taken it is not there', LOGIN, UNKNOWN, [], /manifest unknown$/],
  [
    'so it is where others of that repository are shown to everybody',
    {},
    UNKNOWN,
    [shownToAll],
    /manifest unknown$/,
  ],
  ['a layer that is lost has nothing to do with it', {}, 'unknown blob', [], /: unknown blob$/],
])('of what is not found by a pull %s', async (_, config, said, lying, expected) => {
  const host = hostSaying(said, lying)
  const credentials = RegistryConfig.parse(config)
  expect(await pull(host, image, credentials, () => undefined, patience())).toEqual({
    kind: 'refused',
    because: expect.stringMatching(expected),
  })
})
