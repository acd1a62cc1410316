import { describe, expect, test } from 'vitest'
import { assess } from '../../../src/assess/assess.ts'
import { evaluate } from '../../../src/assess/matrix.ts'
import type { Measurement } from '../../../src/domain/assessment/measurement.ts'
import type { RuleId } from '../../../src/domain/assessment/rule.ts'
import type { Feasibility } from '../../../src/domain/plan/feasibility.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import {
  atMs,
  blind,
  feasible,
  matrixSettings,
  measurement,
  ruleOf,
  wellBut,
} from '../../support/builders.ts'
import { assessSettings, waysBackOver } from '../../support/contracts/settings.ts'
import { inVirtualTime } from '../../support/virtual-timers.ts'

type Around = {
  readonly measurements?: readonly Measurement[]
  readonly procedures?: readonly Feasibility[]
  readonly clearsCache?: boolean
}

function adviceOf(rule: RuleId, around: Around = {}): string | null {
  const { measurements = wellBut(), procedures = [], clearsCache = true } = around
  const settings = matrixSettings
  const rules = evaluate({ symptoms: [], measurements, procedures, clearsCache, settings })
  return ruleOf(rules, rule).alternative
}

const without = (probe: string) => wellBut().filter((one) => one.probe !== probe)
const pods = measurement({ probe: 'workloads-ready', target: 'backend' })
const replica = measurement({ probe: 'cache-answering', target: 'Redis', verdict: 'degraded' })

describe('what is advised instead of a rollback can be done', () => {
  test.each<[string, RuleId, Around, string | null]>([
    ['the cache answers', 'cache-issue', {}, 'clear the cache'],
    [
      'Redis is away',
      'cache-issue',
      { measurements: wellBut(blind('cache-answering', 'error')) },
      'bring the cache back',
    ],
    [
      'Redis takes no writes',
      'cache-issue',
      { measurements: wellBut(replica) },
      'bring the cache back',
    ],
    ['no key may be cleared', 'cache-issue', { clearsCache: false }, 'clear the cache by hand'],
    [
      'no Redis is configured',
      'cache-issue',
      { measurements: without('cache-answering') },
      'clear the cache by hand',
    ],
    ['no flag is configured', 'errors-elevated', {}, 'fix it directly'],
    [
      'the flag cannot be switched now',
      'errors-elevated',
      { procedures: [feasible('feature-flag', false)] },
      'fix it directly',
    ],
    [
      'the flag can be switched',
      'errors-elevated',
      { procedures: [feasible('feature-flag')] },
      'switch the feature flag off, or fix it directly',
    ],
    ['no database procedure', 'data-loss-or-corruption', {}, null],
    // It is the way back that is recommended, and not said twice.
    [
      'the data can be brought back',
      'data-loss-or-corruption',
      { procedures: [feasible('database')] },
      null,
    ],
    ['pods are seen', 'latency-high', { measurements: wellBut(pods) }, 'scale up'],
    [
      'nobody can reach the cluster',
      'latency-high',
      { measurements: wellBut(blind('workloads-ready', 'error')) },
      null,
    ],
    [
      'no cluster is configured',
      'partial-outage',
      { measurements: without('workloads-ready') },
      'restart or scale the service that fails, by hand',
    ],
  ])('%s', (_, rule, around, says) => {
    expect(adviceOf(rule, around)).toBe(says)
  })
})

test('an assessment with Redis away does not advise to clear the cache', async () => {
  const settings = { ...assessSettings, deadlineMs: 150 }
  const clock = { now: () => atMs }
  const { world } = sandboxWorld({ scenario: 'redis-down', clock, settings })
  const { rules, decision } = await inVirtualTime(() =>
    assess(world, settings, [], waysBackOver(settings)),
  )
  expect(decision).toBe('do-not')
  expect(ruleOf(rules, 'cache-issue').alternative).toBe('bring the cache back')
})
