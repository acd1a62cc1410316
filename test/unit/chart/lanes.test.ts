import { expect, test } from 'vitest'
import { versionLanes } from '../../../src/domain/chart/version-lanes.ts'
import type { Window } from '../../../src/domain/chart/chart.ts'
import type { Assessment } from '../../../src/domain/assessment/assessment.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import { newPlanState, type PlanState } from '../../../src/domain/plan/plan-state.ts'
import type { Outcome } from '../../../src/domain/plan/run.ts'
import { assessment, incidentAfter, newestChange, plan } from '../../support/builders.ts'
import { runOf, succeeded, watchAfter } from '../../support/plan-story.ts'

const MINUTE = 60_000
const T = Date.UTC(2026, 10, 22, 3, 0, 0)
const iso = (minutes: number) => new Date(T + minutes * MINUTE).toISOString()
const WINDOW: Window = { fromMs: T, toMs: T + 100 * MINUTE, stepMs: MINUTE }

type Change = NonNullable<Assessment['changes']>[number]

function changed(service: string, changes: Partial<Change> = {}): Change {
  const at = { time: iso(20), exact: true }
  return {
    ...newestChange(service),
    compareUrl: null,
    service,
    kind: 'version',
    images: [`shop/${service}:v2`],
    imagesBefore: [`shop/${service}:v1`],
    since: at,
    versionSince: at,
    ...changes,
  }
}

function assessed(minutes: number, ...changes: readonly Change[]): Incident['timeline'][number] {
  const event = {
    type: 'assessment-taken' as const,
    assessment: assessment({ changes: [...changes] }),
  }
  return { at: iso(minutes), sequence: minutes, event }
}

function rolledBack(outcome: Outcome | null): PlanState {
  const change = (what: string) => ({
    what,
    from: 'v2',
    to: 'v1',
    images: { from: [`shop/${what}:v2`], to: [`shop/${what}:v1`] },
  })
  const asked = {
    number: 1,
    request: { kind: 'kubernetes' as const, toVersion: null },
    requestedBy: 'U0ANA',
    requestedByHuman: 'U0ANA',
    requestedAt: iso(30),
  }
  const ended = outcome && { outcome, says: '', at: iso(42) }
  return {
    ...newPlanState(asked),
    plan: plan({ changes: [change('backend'), change('frontend')] }),
    run: runOf([succeeded()], { startedAt: iso(40), ended }),
  }
}

function told(incident: Partial<Incident>): readonly string[] {
  return versionLanes({ ...incidentAfter(), timeline: [], ...incident }, WINDOW).map(
    ({ services, spans }) => {
      const words = spans.map(({ fromMs, toMs, version }) => {
        return `${version ?? '?'} ${(fromMs - T) / MINUTE}-${(toMs - T) / MINUTE}`
      })
      return `${services.join('+')}: ${words.join(', ')}`
    },
  )
}

test.each<{ name: string; incident: Partial<Incident>; lanes: string[] }>([
  { name: 'nothing is known: nothing is shown', incident: {}, lanes: [] },
  {
    name: 'an assessment tells what ran before its newest change, and since',
    incident: { timeline: [assessed(25, changed('backend'))] },
    lanes: ['backend: v1 0-20, v2 20-100'],
  },
  {
    name: 'what ran the same all the time is one lane',
    incident: { timeline: [assessed(25, changed('backend'), changed('frontend'))] },
    lanes: ['backend+frontend: v1 0-20, v2 20-100'],
  },
  {
    name: 'what came at a time that is not exact may have been there before',
    incident: {
      timeline: [assessed(25, changed('backend', { since: { time: iso(20), exact: false } }))],
    },
    lanes: ['backend: ? 0-20, v2 20-100'],
  },
  {
    name: 'a restart is no other version',
    incident: {
      timeline: [
        assessed(
          25,
          changed('backend', { kind: 'restart', since: { time: iso(24), exact: true } }),
        ),
      ],
    },
    lanes: ['backend: v1 0-20, v2 20-100'],
  },
  {
    name: 'a rollback that was carried out ends the bad version',
    incident: {
      timeline: [assessed(25, changed('backend'), changed('frontend'))],
      plans: [rolledBack('succeeded')],
    },
    lanes: ['backend+frontend: v1 0-20, v2 20-42, v1 42-100'],
  },
  {
    name: 'the next assessment says when exactly it came',
    incident: {
      timeline: [
        assessed(25, changed('backend')),
        assessed(
          50,
          changed('backend', {
            images: ['shop/backend:v1'],
            imagesBefore: ['shop/backend:v2'],
            since: { time: iso(41), exact: true },
          }),
        ),
      ],
      plans: [],
    },
    lanes: ['backend: v1 0-20, v2 20-41, v1 41-100'],
  },
  {
    name: 'after one that failed half way nobody knows what runs (J10)',
    incident: { plans: [rolledBack('failed')] },
    lanes: ['backend+frontend: ? 0-40, v2 40-42, ? 42-100'],
  },
  {
    name: 'what is being carried out is not done',
    incident: { plans: [rolledBack(null)] },
    lanes: [],
  },
])('$name', ({ incident, lanes }) => {
  expect(told(incident)).toEqual(lanes)
})

test('the watch says what runs now, by whatever name its page calls it', () => {
  const watch = watchAfter(['healthy'])
  const seen = (version: string) => ({
    ...watch,
    lookedAt: iso(60),
    last: watch.last && {
      ...watch.last,
      lines: [
        {
          probe: 'version-known',
          target: 'backend',
          verdict: 'healthy' as const,
          says: '',
          version,
        },
      ],
    },
  })
  const timeline = [assessed(25, changed('backend', { images: ['shop/backend:v2.0.0'] }))]
  expect(told({ timeline, watch: seen('2.0.0') })).toEqual(['backend: v1 0-20, v2.0.0 20-100'])
  expect(told({ timeline, watch: seen('3.1.0') })).toEqual([
    'backend: v1 0-20, v2.0.0 20-60, 3.1.0 60-100',
  ])
})
