import { describe, expect, test } from 'vitest'
import { ServiceSettings } from '../../src/domain/assessment/settings.ts'
import { newIncident } from '../../src/domain/incident/incident.ts'
import type { PlanRequest } from '../../src/domain/plan/plan.ts'
import { MaintenanceSettings } from '../../src/runbook/parts/settings.ts'
import { STEPS } from '../../src/runbook/steps.ts'
import { runbookOver } from '../../src/runbook/runbook.ts'
import { surroundings } from '../support/engine-story.ts'
import { recorder } from './recorder.ts'

const keeper = { kind: 'Application', namespace: 'argocd', name: 'shop' } as const

const settings = {
  services: ['backend', 'frontend'].map((name) =>
    ServiceSettings.parse({ name, url: `http://${name}.invalid` }),
  ),
  kubernetes: { namespace: 'production', services: ['backend', 'frontend'], suspend: [keeper] },
  cache: { prefixes: ['cache:'], protectedPrefixes: ['sess:'] },
  maintenance: MaintenanceSettings.parse({}),
}

const REQUESTS: readonly PlanRequest[] = [
  { kind: 'kubernetes', toVersion: null },
  { kind: 'scale-down', service: 'frontend' },
  { kind: 'restart', service: 'backend' },
  { kind: 'clear-cache' },
  { kind: 'maintenance', on: true },
]

/** Every step of these plans, over a world of its own. */
async function steps() {
  const signal = new AbortController().signal
  const found = await Promise.all(
    REQUESTS.map(async (request) => {
      const around = surroundings({ kept: true })
      const runbook = runbookOver(around.sandbox.world, settings)
      const resolved = await runbook.resolve(request, newIncident('i'), signal)
      around.end()
      return resolved.kind === 'feasible' ? resolved.draft.steps : []
    }),
  )
  return found.flat()
}

describe('every step, carried out twice by two who saw the same', async () => {
  const all = await steps()

  test('no step is left out', () => {
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set(STEPS.map(({ id }) => id)))
  })

  test.each(all)(
    '$id: one of them has an effect, and both find it done (J4, J5)',
    async (planned) => {
      const around = surroundings({ kept: planned.id === 'suspend-owner' })
      const seen = recorder(around)
      const { cache, workloads } = around.sandbox.world
      const world = { ...around.sandbox.world, ...seen.ways.world?.({ ...around.sandbox.world }) }
      expect([cache, workloads]).not.toContain(null)
      const context = {
        world,
        signal: new AbortController().signal,
        key: 'i/plan-1',
        cause: 'two who saw the same',
      }
      const step = runbookOver(world, settings).bind(planned)
      const looks = [await step.inspect(context), await step.inspect(context)]
      const answers = []
      for (const look of looks) if (look.kind === 'needed') answers.push(await look.apply(context))
      around.pass(60_000)

      // A whole cache is cleared as often as one likes; everything else is refused the second time.
      const harmless = planned.id === 'clear-cache'
      const nothing = planned.id === 'prove-services'
      expect(answers.map(({ kind }) => kind)).toEqual(
        nothing ? [] : ['written', harmless ? 'written' : 'look-again'],
      )
      expect(new Set(seen.written).size).toBe(seen.written.length)
      expect(await step.inspect(context)).toMatchObject({ kind: 'done' })
      const proof = planned.id === 'prove-services' ? ['verified', 'not-yet'] : ['verified']
      expect(proof).toContain((await step.verify(context)).kind)
      around.end()
    },
  )
})
