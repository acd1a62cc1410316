import fc from 'fast-check'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { membershipOf as adapters } from '../../src/adapters/docker/read/members.ts'
import { membershipOf } from '../../src/adapters/docker-proxy/membership.ts'
import { repositoryInFull } from '../../src/adapters/docker-proxy/repositories.ts'
import { isSameRepository } from '../../src/adapters/docker/read/image-names.ts'
import {
  configuredContainers,
  configuredVariables,
} from '../../src/config/configured-containers.ts'
import { WrongConfiguration } from '../../src/config/problem.ts'
import { freshFolder } from '../servers/spawn.ts'
import { services } from '../support/engine-proxy.ts'

const known = {
  backend: { kind: 'compose', ...services.backend },
  frontend: { kind: 'container', name: services.frontend.container },
} as const

const id = 'a1b2c3'.repeat(11).slice(0, 64)
const label = (name: string, ...values: readonly string[]) =>
  fc.option(
    fc.constantFrom(...values).map((value) => [name, value] as const),
    { nil: null },
  )
const container = fc.record({
  id: fc.constant(id),
  name: fc.constantFrom(
    'frontend',
    'shop-backend-1',
    `frontend-${id.slice(0, 12)}`,
    'frontend-abcdef',
  ),
  labels: fc
    .tuple(
      label('com.docker.compose.project', 'shop', 'other'),
      label('com.docker.compose.service', 'backend', 'frontend'),
      label('com.docker.compose.oneoff', 'False', 'True', 'true'),
      label('backout.role', 'serving', 'kept', 'else'),
      label('backout.service', 'backend', 'frontend', 'payments', '__proto__'),
    )
    .map((all) => Object.fromEntries(all.filter((one) => one !== null))),
})

test('the proxy and the adapter take the same containers for those of a service', () => {
  fc.assert(
    fc.property(container, (one) => {
      expect(membershipOf(services, one)).toEqual(adapters(known, one))
    }),
    { numRuns: 2_000 },
  )
})

test('and the same repositories for one', () => {
  const names = [
    'backend',
    'library/backend',
    'docker.io/backend:v1',
    'shop/backend',
    'docker.io/shop/backend',
    'localhost/backend',
    'localhost:5000/backend:v1',
    'registry.example/shop/backend',
    `registry.example/shop/backend@sha256:${'ab'.repeat(32)}`,
  ]
  for (const one of names) {
    for (const other of names) {
      const isSame = repositoryInFull(one) === repositoryInFull(other)
      expect(isSame, `${one} and ${other}`).toBe(isSameRepository(one, other))
    }
  }
})

test('of the settings the proxy reads which containers there are, whatever else is wrong or secret in them', async () => {
  await using folder = await freshFolder('settings')
  const file = join(folder.path, 'backout.yaml')
  const docker =
    'docker: { hosts: { a: { address: "unix:///x" } }, services: { b: { container: c } } }'
  await writeFile(
    file,
    `environment: ${'x'.repeat(99)}\nslack: \${SECRET}\nprocedures:\n  ${docker}\n`,
  )
  expect(configuredContainers({ file, variables: {} })).toEqual({ b: { container: 'c' } })
  expect(configuredVariables({ file, variables: {} })).toEqual({})
  for (const wrong of [
    'procedures: {}',
    'procedures: { docker: { services: { b: {} } } }',
    '- x',
  ]) {
    await writeFile(file, `${wrong}\n`)
    expect(() => configuredContainers({ file, variables: {} }), wrong).toThrow(WrongConfiguration)
  }
  expect(() => configuredContainers({ file: `${file}.none`, variables: {} })).toThrow(
    'cannot be read (ENOENT)',
  )
})

test('and which of their variables are flags, with what these may be switched to', async () => {
  await using folder = await freshFolder('settings')
  const file = join(folder.path, 'backout.yaml')
  const flagged = (values: string) => `
procedures:
  docker: { hosts: {}, services: { b: { container: c } } }
  featureFlag:
    name: MULTI_TENANT_ENABLED
    safe: 'false'
    values: ${values}
    places:
      - { in: docker-env, service: b }
      - { in: docker-env, service: b, env: LEGACY, safe: 'on' }
      - { in: kubernetes-env, service: d }
`
  await writeFile(file, flagged("['true', 'false']"))
  expect(configuredVariables({ file, variables: {} })).toEqual({
    b: { MULTI_TENANT_ENABLED: ['true', 'false'], LEGACY: ['true', 'false', 'on'] },
  })
  // What cannot be read allows nothing.
  await writeFile(file, flagged('no-list'))
  expect(configuredVariables({ file, variables: {} })).toEqual({})
})
