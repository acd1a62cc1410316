import { describe, expect, test } from 'vitest'
import { judgeKubernetes, readFeasibility } from '../../../src/assess/feasibility.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { ProcedureName } from '../../../src/domain/plan/feasibility.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs, revision, workload } from '../../support/builders.ts'
import { assessSettings } from '../../support/contracts/settings.ts'

const both = ['backend', 'frontend']

describe('Kubernetes can bring everything back', () => {
  test('when every service has an earlier release, and it says which', () => {
    const judged = judgeKubernetes(both, [workload('backend'), workload('frontend')])
    expect(judged).toMatchObject({ feasible: true, to: 'v1.9.0', warnings: [] })
    expect(judged.because).toMatch(/backend to v1\.9\.0.*42.*frontend to v1\.9\.0.*42/)
  })

  test('and says so when the services go back to different versions', () => {
    const other = workload('frontend', { previous: [revision(7, 'pipeshub/frontend:v3.1.0')] })
    expect(judgeKubernetes(both, [workload('backend'), other]).to).toBe('v1.9.0, v3.1.0')
  })

  test('although something else manages it, with a warning that names both', () => {
    const managed = workload('backend', { managedBy: ['Argo CD application shop', 'an HPA'] })
    expect(judgeKubernetes(['backend'], [managed])).toMatchObject({
      feasible: true,
      warnings: ['backend: Argo CD application shop', 'backend: an HPA'],
    })
  })
})

describe('Kubernetes cannot bring it back', () => {
  test.each([
    ['a service has no deployment', [workload('backend')], /frontend: no such deployment/],
    ['nothing is deployed', [], /backend: no such.*frontend: no such/],
    [
      'a rollout is paused',
      [workload('backend', { paused: true }), workload('frontend')],
      /backend: .*paused/,
    ],
    [
      'no earlier revision is left',
      [workload('backend', { previous: [] }), workload('frontend')],
      /backend: no revision of an earlier version is kept/,
    ],
    [
      'every earlier revision ran the same images',
      [
        workload('backend', { previous: [revision(42, 'pipeshub/backend:v2.0.0')] }),
        workload('frontend'),
      ],
      /backend: no revision of an earlier version is kept/,
    ],
  ])('when %s', (_what, running, because) => {
    const judged = judgeKubernetes(both, running)
    expect(judged.feasible).toBe(false)
    expect(judged.because).toMatch(because)
  })

  test('and every reason of every service is given at once', () => {
    const sick = workload('backend', { paused: true, previous: [], managedBy: ['Flux'] })
    const judged = judgeKubernetes(both, [sick])
    expect(judged.because).toMatch(
      /paused.*no revision of an earlier.*frontend: no such deployment/,
    )
    expect(judged.warnings).toEqual(['backend: Flux'])
  })
})

describe('looking', () => {
  const settings = { ...assessSettings, deadlineMs: 60 }
  const sandbox = () => sandboxWorld({ scenario: 'healthy', clock: { now: () => atMs }, settings })

  test('gives every procedure once, and those without machinery as not configured', async () => {
    const feasibility = await readFeasibility(sandbox().world, settings)
    expect(feasibility.map(({ name }) => name)).toEqual(ProcedureName.options)
    expect(feasibility.filter((one) => one.feasible).map(({ name }) => name)).toEqual([
      'kubernetes',
    ])
  })

  test('without Kubernetes says that it is not configured', async () => {
    const { world } = sandbox()
    for (const without of [{ ...world, workloads: null }, world]) {
      const unset = without.workloads ? { ...settings, deployed: null } : settings
      const feasibility = await readFeasibility(without, unset)
      expect(feasibility.every((one) => !one.feasible)).toBe(true)
    }
  })

  test('at a Kubernetes that refuses says why', async () => {
    const { world, change } = sandbox()
    change({ kubernetes: 'refusing' })
    const [, kubernetes] = await readFeasibility(world, settings)
    expect(kubernetes).toMatchObject({
      feasible: false,
      because: expect.stringContaining('connection refused'),
    })
  })

  test('at a Kubernetes that ignores its signal ends with the deadline', async () => {
    const { world } = sandbox()
    const deaf = world.workloads && {
      ...world.workloads,
      list: () => new Promise<never>(() => undefined),
    }
    const startedMs = performance.now()
    const [, kubernetes] = await readFeasibility({ ...world, workloads: deaf }, settings)
    expect(performance.now() - startedMs).toBeLessThan(60 + 250)
    expect(kubernetes?.because).toContain('no answer within 0.06 s')
  })

  test.each([
    [
      'a fault',
      new Fault({ kind: 'terminal', dependency: 'kubernetes', detail: 'forbidden' }),
      /could not look: forbidden/,
    ],
    ['a mistake of ours', new TypeError('x is undefined'), /could not look: .*x is undefined/],
  ])('that ends in %s says so', async (_what, error, because) => {
    const { world } = sandbox()
    const failing = world.workloads && {
      ...world.workloads,
      list: () => Promise.reject(error),
    }
    const [, kubernetes] = await readFeasibility({ ...world, workloads: failing }, settings)
    expect(kubernetes).toMatchObject({
      feasible: false,
      because: expect.stringMatching(because),
    })
  })
})
