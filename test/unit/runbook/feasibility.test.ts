import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import { ProcedureName } from '../../../src/domain/plan/requests.ts'
import type { PlanState } from '../../../src/domain/plan/plan-state.ts'
import type { Workload } from '../../../src/domain/workload/workload.ts'
import type { World } from '../../../src/ports/world.ts'
import { judgeWays } from '../../../src/runbook/kubernetes/ways.ts'
import type { RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import { feasibilityReader } from '../../../src/runbook/runbook.ts'
import {
  declared,
  incidentAfter,
  newestChange,
  opened,
  revision,
  workload,
} from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import {
  abortRequested,
  rollback,
  runEnded,
  stepFailed,
  stepStarted,
  stepSucceeded,
} from '../../support/plan-story.ts'
import { virtually, virtualTimers } from '../../support/virtual-timers.ts'
import { incidentWith, inSandbox, settings } from './in-sandbox.ts'

const both = ['backend', 'frontend']
const judge = (services: readonly string[], running: readonly Workload[]) =>
  judgeWays({ services, running, releaseWindowMs: 30 * 60_000 }, { toVersion: null }, [])

describe('the Deployments can be brought back', () => {
  test('when every service has an earlier release, and it says which', () => {
    const judged = judge(both, [workload('backend'), workload('frontend')])
    expect(judged).toMatchObject({ kind: 'feasible', to: 'v1.9.0' })
    expect(judged.because).toMatch(/backend to v1\.9\.0.*42.*frontend to v1\.9\.0.*42/)
  })

  test('and says so when the services go back to different versions', () => {
    const other = workload('frontend', { previous: [revision(7, 'pipeshub/frontend:v3.1.0')] })
    expect(judge(both, [workload('backend'), other])).toMatchObject({ to: 'v1.9.0, v3.1.0' })
  })
})

test.each([
  [5, ['backend']],
  [15, ['backend', 'frontend']],
])(
  'within %i minutes of each other, as the settings say, services came together',
  (minutes, go) => {
    const earlier = { time: '2026-11-22T02:50:00.000Z', exact: true }
    const later = { time: '2026-11-22T03:00:00.000Z', exact: true }
    const running = [
      workload('backend', { changed: { ...newestChange('backend'), since: later } }),
      workload('frontend', { changed: { ...newestChange('frontend'), since: earlier } }),
    ]
    const team = { services: both, running, releaseWindowMs: minutes * 60_000 }
    const judged = judgeWays(team, { toVersion: null }, [])
    const ways = judged.kind === 'feasible' ? judged.found.ways : []
    expect(ways.map(({ release }) => release.service)).toEqual(go)
  },
)

describe('the Deployments cannot be brought back', () => {
  test.each([
    ['nothing is deployed', [], /backend: there is no such.*frontend: there is no such/],
    ['a rollout is paused', [workload('backend', { paused: true })], /backend: .*paused/],
    [
      'another controller owns one of them',
      [workload('backend', { ownedBy: 'Rollout backend' })],
      /backend: Rollout backend owns it/,
    ],
    [
      'no earlier revision is left',
      [workload('backend', { previous: [] })],
      /backend: no earlier revision is kept that differs from what runs/,
    ],
    [
      'every earlier revision ran the same images',
      [workload('backend', { previous: [revision(42, 'pipeshub/backend:v2.0.0')] })],
      /backend: no earlier revision is kept that differs from what runs/,
    ],
  ])('when %s', (_what, running, because) => {
    const judged = judge(both, running)
    expect(judged.kind).toBe('infeasible')
    expect(judged.because).toMatch(because)
  })

  test.each<[string, Partial<Workload>, RegExp]>([
    ['is paused', { paused: true }, /^Not rolled back: backend: its rollout is paused/],
    ['is owned by somebody else', { ownedBy: 'Rollout backend' }, /backend: Rollout backend owns/],
    ['keeps nothing', { previous: [] }, /backend: no earlier revision is kept/],
  ])('but a service that %s holds up no other, and is said', (_what, changes, says) => {
    const judged = judge(both, [workload('backend', changes), workload('frontend')])
    if (judged.kind !== 'feasible') throw new Error(judged.because)
    expect(judged.found.ways.map(({ release }) => release.service)).toEqual(['frontend'])
    expect(judged.found.stay).toEqual([expect.stringMatching(says)])
  })

  test('and a reason of every service is given at once', () => {
    const judged = judge(both, [workload('backend', { paused: true })])
    expect(judged.because).toMatch(/backend: .*paused.*frontend: there is no such deployment/)
  })

  test('a deployment that is not there may be a StatefulSet, and the reason says that it is not one', () => {
    const says =
      /frontend: there is no such deployment \(only Deployments are looked at: a StatefulSet or DaemonSet of that name is not one\)/
    expect(judge(both, [workload('backend', { paused: true })]).because).toMatch(says)
  })
})

type Reading = {
  readonly world?: (world: World) => World
  readonly plans?: readonly PlanState[]
  readonly changes?: Partial<RunbookSettings>
}

function read(
  sandbox: ReturnType<typeof inSandbox>,
  { world = (one) => one, plans = [], changes }: Reading = {},
) {
  const reader = feasibilityReader({ ...settings, ...changes })
  return reader(world(sandbox.world), plans, patience())
}

async function ofDeployments(sandbox: ReturnType<typeof inSandbox>, reading?: Reading) {
  const all = await read(sandbox, reading)
  return all.find(({ name }) => name === rollback.kind)
}

describe('looking', () => {
  test('gives every procedure once, and those without machinery as not configured', async () => {
    const all = await read(inSandbox())
    expect(all.map(({ name }) => name)).toEqual(ProcedureName.options)
    expect(all.filter(({ feasible }) => feasible).map(({ name }) => name)).toEqual([rollback.kind])
    const rest = all.filter(({ name }) => name !== rollback.kind)
    expect(new Set(rest.map(({ because }) => because))).toEqual(new Set(['not configured']))
  })

  test('says what else manages a service', async () => {
    const sandbox = inSandbox()
    sandbox.others.set('backend', { managedBy: [{ says: 'an HPA', scales: true, owner: null }] })
    expect((await ofDeployments(sandbox))?.warnings).toContain('backend: an HPA')
  })

  test('without Deployments says that they are not configured', async () => {
    for (const reading of [
      { world: (world: World) => ({ ...world, workloads: null, deployments: null }) },
      { changes: { kubernetes: null } },
    ]) {
      const found = await ofDeployments(inSandbox(), reading)
      expect(found).toMatchObject({ feasible: false, known: true, because: 'not configured' })
    }
  })

  test('at a cluster that refuses says why', async () => {
    const sandbox = inSandbox()
    sandbox.change({ kubernetes: 'refusing' })
    expect(await ofDeployments(sandbox)).toMatchObject({
      feasible: false,
      known: false,
      because: expect.stringContaining('connection refused'),
    })
  })

  test('at a cluster that ignores its signal ends with the deadline', async () => {
    const sandbox = inSandbox()
    const deaf = (world: World): World => ({
      ...world,
      workloads: world.workloads && {
        ...world.workloads,
        list: () => new Promise<never>(() => undefined),
      },
    })
    virtualTimers()
    const { result, tookMs } = await virtually(() => ofDeployments(sandbox, { world: deaf }))
    expect(tookMs).toBe(settings.deadlineMs)
    expect(result?.because).toContain(`no answer within ${settings.deadlineMs / 1000} s`)
  })

  test.each([
    [
      'a fault',
      new Fault({ kind: 'terminal', dependency: 'kubernetes', detail: 'forbidden' }),
      /could not look: forbidden/,
    ],
    ['a mistake of ours', new TypeError('x is undefined'), /could not look: .*x is undefined/],
  ])('that ends in %s says so', async (_what, error, because) => {
    const failing = (world: World): World => ({
      ...world,
      workloads: world.workloads && { ...world.workloads, list: () => Promise.reject(error) },
    })
    const found = await ofDeployments(inSandbox(), { world: failing })
    expect(found).toMatchObject({ feasible: false, because: expect.stringMatching(because) })
  })
})

/** What may have happened to production before somebody asks. */
const Change = fc.constantFrom<(sandbox: ReturnType<typeof inSandbox>) => Promise<void> | void>(
  ({ others }) => others.set('backend', { paused: true }),
  ({ others }) => others.set('frontend', { ownedBy: 'Rollout frontend' }),
  ({ others }) => others.deploy('backend', 'v2.0.1'),
  ({ others }) => others.deploy('frontend', 'v2.0.1'),
  ({ others }) => others.deploy('backend', 'v1.9.0'),
  ({ others }) => others.scale('frontend', 0),
  ({ others }) => others.removeRevision('frontend', 'v1.9.0'),
  ({ pass }) => pass(20 * 60),
  ({ change }) => change({ kubernetes: 'refusing' }),
)

/** What may have been done in the incident before: nothing, or a rollback at any of its ends. */
const ends = [
  [stepStarted(), stepSucceeded(), stepSucceeded(1, false), stepSucceeded(2, false), runEnded()],
  [stepStarted(), stepFailed(), runEnded('failed')],
  [stepStarted(), abortRequested, stepFailed(), runEnded('aborted')],
] as const

describe('what an assessment offers', () => {
  test('is what a plan proposes, or both say no with the same reason, whatever stands there', async () => {
    let offered = 0
    let refused = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(Change, { maxLength: 4 }),
        fc.option(fc.constantFrom(...ends)),
        fc.array(Change, { maxLength: 2 }),
        async (before, end, after) => {
          const sandbox = inSandbox()
          let incident: Incident = incidentAfter(opened, declared)
          for (const change of before) await change(sandbox)
          const first = await sandbox.resolve(rollback, incident).catch(() => null)
          if (end && first?.kind === 'feasible') incident = incidentWith(first.draft, end)
          if (end && first?.kind === 'feasible') await sandbox.carryOut(first.draft.steps[0]!)
          for (const change of after) await change(sandbox)

          const offer = await ofDeployments(sandbox, { plans: incident.plans })
          const plan = await sandbox.resolve(rollback, incident).catch((error: unknown) => error)
          if (plan instanceof Fault) {
            expect(offer).toMatchObject({ feasible: false, known: false })
            return
          }
          const resolved = plan as Awaited<ReturnType<typeof sandbox.resolve>>
          expect(offer?.feasible).toBe(resolved.kind === 'feasible')
          if (resolved.kind === 'feasible') {
            offered += 1
            for (const version of offer?.to?.split(', ') ?? ['none']) {
              expect(resolved.draft.title).toContain(version)
            }
          } else {
            refused += 1
            expect(offer?.because).toBe(resolved.because)
          }
        },
      ),
      { numRuns: 100 },
    )
    expect(offered).toBeGreaterThan(0)
    expect(refused).toBeGreaterThan(0)
  }, 60_000)
})
