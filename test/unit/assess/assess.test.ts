import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { assess } from '../../../src/assess/assess.ts'
import { Assessment } from '../../../src/domain/assessment/assessment.ts'
import type { Symptom } from '../../../src/domain/assessment/symptom.ts'
import { overallVerdict } from '../../../src/domain/assessment/verdict.ts'
import type { Production } from '../../../src/sandbox/production.ts'
import { scenarioNames, type ScenarioName } from '../../../src/sandbox/scenario.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { at, atMs, SymptomsArbitrary } from '../../support/builders.ts'
import { assessSettings, waysBackOver } from '../../support/contracts/settings.ts'
import { inVirtualTime, virtually, virtualTimers } from '../../support/virtual-timers.ts'

const settings = { ...assessSettings, deadlineMs: 150 }

function look(
  scenario: ScenarioName,
  changes: Partial<Production> = {},
  symptoms: readonly Symptom[] = [],
) {
  const { world, change } = sandboxWorld({ scenario, clock: { now: () => atMs }, settings })
  change(changes)
  return inVirtualTime(() => assess(world, settings, symptoms, waysBackOver(settings)))
}

describe('a simulated production', () => {
  test.each([
    ['complete-outage', 'roll-back', 'degraded', 'complete-outage', 'kubernetes'],
    ['errors-62', 'roll-back', 'degraded', 'errors-critical', 'kubernetes'],
    ['errors-8', 'person-decides', 'degraded', 'errors-elevated', 'kubernetes'],
    ['data-corruption', 'person-decides', 'degraded', 'errors-elevated', 'kubernetes'],
    ['tenant-flag', 'roll-back', 'degraded', 'errors-critical', 'kubernetes'],
    ['login-failures', 'roll-back', 'degraded', 'login-failures-critical', 'kubernetes'],
    ['slow-30', 'person-decides', 'degraded', 'latency-elevated', 'kubernetes'],
    ['slow-60', 'roll-back', 'degraded', 'latency-high', 'kubernetes'],
    ['redis-down', 'do-not', 'unreachable', 'cache-issue', null],
    ['prometheus-silent', 'person-decides', 'unreachable', 'errors-critical', 'kubernetes'],
    ['prometheus-stale', 'person-decides', 'inconclusive', 'errors-critical', 'kubernetes'],
    ['healthy', 'do-not', 'healthy', undefined, null],
  ] as const)('%s: %s, %s', async (scenario, decision, verdict, deciding, recommended) => {
    const assessed = await look(scenario)
    expect(assessed).toMatchObject({ at, decision, verdict, recommended })
    expect(assessed.reasons[0]).toBe(deciding)
  })

  test('of every name is tried above', () => {
    expect(scenarioNames).toHaveLength(12)
  })

  test('that nobody can ask anything is never healthy and never "do not"', async () => {
    const dead = {
      prometheus: 'refusing',
      redis: 'refusing',
      mongodb: 'refusing',
      services: 'silent',
      kubernetes: 'refusing',
    } as const
    const assessed = await look('healthy', dead)
    expect(assessed).toMatchObject({ decision: 'person-decides', verdict: 'unreachable' })
    expect(assessed.recommended).toBeNull()
    expect(assessed.measurements.every(({ verdict }) => verdict === 'unreachable')).toBe(true)
  })

  test.each([
    'metrics',
    'workloads',
    'deployments',
    'owners',
    'alerts',
    'cache',
    'database',
  ] as const)(
    'without %s, and where nothing else answers, leaves no failure that nobody hears: it would end the bot',
    async (absent) => {
      const unheard: unknown[] = []
      const hear = (reason: unknown) => void unheard.push(reason)
      process.on('unhandledRejection', hear)
      const { world, change } = sandboxWorld({
        scenario: 'healthy',
        clock: { now: () => atMs },
        settings,
      })
      change({
        prometheus: 'refusing',
        redis: 'refusing',
        mongodb: 'refusing',
        kubernetes: 'refusing',
      })
      await inVirtualTime(() =>
        assess({ ...world, [absent]: null }, settings, [], waysBackOver(settings)),
      )
      await new Promise((heard) => setImmediate(heard))
      process.off('unhandledRejection', hear)
      expect(unheard).toEqual([])
    },
  )

  test('with every service refusing the connection and all else well is no outage yet: it may be our way there', async () => {
    const assessed = await look('healthy', { services: 'refusing' })
    expect(assessed.reasons[0]).toBe('complete-outage')
    expect(assessed.decision).toBe('person-decides')
  })

  test('with every service refusing the connection is an outage where Prometheus sees every target down', async () => {
    const answers = {
      [settings.metrics.targetsUp]: { kind: 'value' as const, value: 0 },
      [settings.metrics.targets]: { kind: 'value' as const, value: 2 },
    }
    const assessed = await look('healthy', { services: 'refusing', answers })
    expect(assessed.reasons[0]).toBe('complete-outage')
    expect(assessed.decision).toBe('roll-back')
  })
})

describe('an assessment', () => {
  test('takes what was reported as it was, and decides with it', async () => {
    const assessed = await look('healthy', {}, ['data-loss', 'ui-issue'])
    expect(assessed.symptoms).toEqual(['data-loss', 'ui-issue'])
    expect(assessed.reasons).toEqual(['data-loss-or-corruption', 'ui-issue'])
    expect(assessed.decision).toBe('roll-back')
  })

  test('is what its own schema says, and its verdict the worst of its measurements, whatever is down', async () => {
    const Answering = fc.constantFrom('answering' as const, 'refusing' as const)
    const Changes = fc.record({
      prometheus: Answering,
      redis: Answering,
      mongodb: Answering,
      services: Answering,
      kubernetes: Answering,
    })
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...scenarioNames.filter((name) => name !== 'prometheus-silent')),
        Changes,
        SymptomsArbitrary,
        async (scenario, changes, symptoms) => {
          const assessed = await look(scenario, changes, symptoms)
          expect(Assessment.parse(assessed)).toEqual(assessed)
          const verdicts = assessed.measurements.map(({ verdict }) => verdict)
          expect(assessed.verdict).toBe(overallVerdict(verdicts))
          for (const { class: kind, verdict, value } of assessed.measurements) {
            if (kind !== 'value')
              expect({ verdict, value }).not.toMatchObject({ verdict: 'healthy' })
            if (kind !== 'value') expect(value).toBeNull()
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  test('reads the list of workloads once, however many ask for it', async () => {
    const { world } = sandboxWorld({ scenario: 'healthy', clock: { now: () => atMs }, settings })
    const { workloads } = world
    if (!workloads) throw new Error('the sandbox has workloads')
    let listed = 0
    const counting: typeof workloads = {
      ...workloads,
      list: (services, signal) => {
        listed += 1
        return workloads.list(services, signal)
      },
    }
    await assess({ ...world, workloads: counting }, settings, [], waysBackOver(settings))
    expect(listed).toBe(1)
  })

  test('ends with its deadline when everything is silent', async () => {
    const silent = {
      prometheus: 'silent',
      redis: 'silent',
      mongodb: 'silent',
      services: 'silent',
      kubernetes: 'silent',
    } as const
    virtualTimers()
    const { result: assessed, tookMs } = await virtually(() => look('healthy', silent))
    expect(tookMs).toBe(settings.deadlineMs)
    expect(assessed.decision).toBe('person-decides')
    expect(assessed.verdict).toBe('unreachable')
  })

  test('of nothing configured but one service that does not answer concludes nothing', async () => {
    const bare = { metrics: null, cache: null, database: null, workloads: null }
    const { world, change } = sandboxWorld({
      scenario: 'healthy',
      clock: { now: () => atMs },
      settings,
    })
    change({ services: 'silent' })
    const assessed = await assess({ ...world, ...bare }, settings, [], waysBackOver(settings))
    expect(assessed).toMatchObject({ decision: 'person-decides', verdict: 'unreachable' })
  })
})
