import { expect, test } from 'vitest'
import { resolve } from 'node:path'
import { checkRegistries } from '../../src/compose/doctor-registries.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { Fault } from '../../src/domain/base/fault.ts'
import type { AtRegistry } from '../../src/ports/containers.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs } from '../support/builders.ts'
import { patience } from '../support/contracts/outside.ts'

const config = loadConfig({
  file: resolve(import.meta.dirname, '../../backout.docker.yaml'),
  variables: { BACKEND_URL: 'http://backend.example', FRONTEND_URL: 'http://frontend.example' },
  needs: [],
})

async function found(answer?: () => Promise<AtRegistry>) {
  const { world } = sandboxWorld({
    scenario: 'healthy',
    clock: { now: () => atMs },
    settings: config.assess,
    platform: 'docker',
    placement: { 'shop-1': ['backend', 'frontend'], 'shop-2': ['backend'] },
  })
  const { containers } = world
  if (!containers) throw new Error('the sandbox has hosts')
  const atRegistry = answer ?? containers.atRegistry
  const seen = { ...world, containers: { ...containers, atRegistry } }
  const checks = await checkRegistries(config, seen, patience())
  return checks.map(({ state, tried, found: says }) => `${state} ${tried}: ${says}`)
}

test('each host asks each registry once, with what ran there last', async () => {
  expect(await found()).toEqual([
    'ok docker.io, asked by shop-1: it gives what ran last',
    'ok docker.io, asked by shop-2: it gives what ran last',
  ])
})

test.each<[AtRegistry, RegExp]>([
  [{ kind: 'refused', because: 'it is with docker-credential-ecr-login' }, /^wrong .*ecr-login$/],
  [
    { kind: 'gone', because: 'docker.io does not have it any more' },
    /^careful .*what ran last is not in it/,
  ],
  [{ kind: 'not-known', because: 'connection refused' }, /^careful .*connection refused$/],
])('$0.kind', async (answer, says) => {
  for (const line of await found(async () => answer)) expect(line).toMatch(says)
})

test('a host that cannot be asked is said, and nothing of a registry', async () => {
  const away = async () => {
    throw new Fault({ kind: 'retryable', dependency: 'docker', detail: 'no answer from shop-1' })
  }
  expect(await found(away)).toEqual(['wrong registries: no answer from shop-1'])
})
