import { expect, test } from 'vitest'
import { checkVerification } from '../../src/compose/doctor-verification.ts'
import { configuredItems, VerificationSettings } from '../../src/domain/verification/settings.ts'
import type { EndpointQuestion } from '../../src/ports/endpoints.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs } from '../support/builders.ts'
import { assessSettings } from '../support/contracts/settings.ts'

function healthy() {
  const clock = { now: () => atMs }
  const { world } = sandboxWorld({
    scenario: 'healthy',
    clock,
    settings: assessSettings,
    slowestMs: 0,
  })
  const asked: EndpointQuestion[] = []
  const { ask } = world.endpoints
  const endpoints: typeof world.endpoints = {
    ask(question) {
      asked.push(question)
      return ask(question)
    },
  }
  return { world: { ...world, endpoints }, asked }
}

const checked = (items: object, world = healthy().world) =>
  checkVerification(
    {
      assess: assessSettings,
      verification: {
        items: configuredItems(VerificationSettings.parse({ items })),
        deadlineMs: 1_000,
      },
    },
    world,
  )

test('what can be tried is tried, and what people look at is listed', async () => {
  const checks = await checked({
    searchWorks: { kind: 'http', service: 'backend', path: '/health' },
    noServerErrors: { kind: 'query', query: assessSettings.metrics.traffic, min: 1 },
  })
  expect(checks.filter(({ state }) => state !== 'ok')).toEqual([])
  expect(checks.map(({ dependency, tried }) => `${dependency} ${tried}`)).toEqual([
    'prometheus verified after a rollback: No 5xx errors in last 5 minutes',
    'services verified after a rollback: Search functionality works',
    'alertmanager verified after a rollback: No security alerts',
    'kubernetes verified after a rollback: Logs are being collected',
    'verification what people verify',
  ])
  expect(checks.at(-1)?.found).toMatch(/Users can log in, Data is accessible, File uploads work$/)
})

test('nothing that writes is sent', async () => {
  const { world, asked } = healthy()
  const checks = await checked(
    {
      uploadsWork: {
        kind: 'chain',
        steps: [{ service: 'backend', path: '/api/files', method: 'POST' }],
      },
    },
    world,
  )
  expect(asked).toEqual([])
  expect(checks.find(({ tried }) => tried.includes('uploads'))).toMatchObject({
    state: 'ok',
    found: 'not tried: it writes, and cleans up behind itself',
  })
})

test('what asks something that is not configured is left to those who say that', async () => {
  const { world } = healthy()
  const checks = await checked({}, { ...world, metrics: null, workloads: null })
  expect(checks.map(({ dependency }) => dependency)).toEqual(['alertmanager', 'verification'])
})

test('what could not be measured says where to look', async () => {
  const { world } = healthy()
  const query = { kind: 'query', query: 'no_such_thing', max: 1 }
  const checks = await checked({ searchWorks: query }, { ...world, alerts: null })
  const careful = checks.filter(({ state }) => state !== 'ok')
  expect(careful).toHaveLength(3)
  expect(careful[0]).toMatchObject({
    found: expect.stringMatching(/^0\.08\d+ 5xx\/s of .*; expected at most 0\/s$/),
  })
  expect(careful[1]).toMatchObject({
    dependency: 'prometheus',
    todo: expect.stringContaining('under verification in backout.yaml'),
  })
  expect(careful[2]).toMatchObject({ found: 'Alertmanager is not configured' })
})
