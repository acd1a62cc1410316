import { expect, test } from 'vitest'
import { checkProbes } from '../../src/compose/doctor-probes.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs } from '../support/builders.ts'
import { assessSettings } from '../support/contracts/settings.ts'

const { metrics } = assessSettings

function healthySandbox() {
  const settings = assessSettings
  return sandboxWorld({ scenario: 'healthy', clock: { now: () => atMs }, settings })
}

test('what Prometheus remarks about a query is told once, with the query', async () => {
  const sandbox = healthySandbox()
  const note = 'PromQL info: metric might not be a counter'
  const answer = { kind: 'value', value: 40, notes: [note] } as const
  sandbox.change({ answers: { [metrics.traffic]: answer } })
  const checks = await checkProbes({ assess: assessSettings }, sandbox.world)
  const careful = checks.filter(({ state }) => state !== 'ok')
  expect(careful).toMatchObject([
    { state: 'careful', dependency: 'prometheus', found: note, query: metrics.traffic },
  ])
})

test('a version page that is missing is worth a look, and nothing is wrong', async () => {
  const { world } = healthySandbox()
  const { ask } = world.endpoints
  const endpoints: typeof world.endpoints = {
    ask: async (question) =>
      question.url.endsWith('/version')
        ? { status: 404, body: '', contentType: '', truncated: false }
        : ask(question),
  }
  const checks = await checkProbes({ assess: assessSettings }, { ...world, endpoints })
  expect(checks.filter(({ state }) => state === 'wrong')).toEqual([])
  expect(checks.filter(({ state }) => state === 'careful')).toHaveLength(2)
})
