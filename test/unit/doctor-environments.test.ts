import { expect, test } from 'vitest'
import { checkEnvironments } from '../../src/compose/doctor-environments.ts'
import type { Metrics } from '../../src/ports/metrics.ts'
import { PART } from '../../src/promql/ask-together.ts'
import { sandboxWorld } from '../../src/sandbox/world.ts'
import { atMs } from '../support/builders.ts'
import { assessSettings } from '../support/contracts/settings.ts'

/** What a Prometheus answers that counts these environments by the label `env`. */
function examined(environments: readonly string[]) {
  const clock = { now: () => atMs }
  const { world } = sandboxWorld({ scenario: 'healthy', clock, settings: assessSettings })
  const labelled: Metrics['labelled'] = async () => ({
    kind: 'series',
    series: environments.map((env) => ({ labels: { [PART]: 'env', env }, value: 3 })),
  })
  return checkEnvironments(
    { assess: assessSettings },
    { metrics: world.metrics && { ...world.metrics, labelled } },
  )
}

test('one environment alone is as it should be', async () => {
  expect(await examined(['production'])).toMatchObject([{ state: 'ok' }])
})

test('another one among the series is told, and how to leave it out', async () => {
  const [check] = await examined(['production', 'staging'])
  expect(check).toMatchObject({ state: 'careful' })
  expect(JSON.stringify(check)).toMatch(/env production, staging.*prometheus\.match/)
})
