import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { describe, expect, test } from 'vitest'
import { faultOf, patience } from '../../support/contracts/outside.ts'
import { rollback } from '../../support/plan-story.ts'
import { digestOf, inSandbox, settings, type Sandbox } from './in-sandbox.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import { declared, incidentAfter, ONE, opened, TWO } from '../../support/builders.ts'

const scaleDown: PlanRequest = { kind: 'scale-down', service: 'backend' }
const restart: PlanRequest = { kind: 'restart', service: 'backend' }
const clearCache: PlanRequest = { kind: 'clear-cache' }
const maintenanceOn: PlanRequest = { kind: 'maintenance', on: true }
const maintenanceOff: PlanRequest = { kind: 'maintenance', on: false }
const to = (toVersion: string): PlanRequest => ({ kind: 'kubernetes', toVersion })

describe('scale-down', () => {
  test('remembers how many pods there were', async () => {
    const sandbox = inSandbox()
    const { uid } = await sandbox.releaseOf('backend')
    const draft = await sandbox.drafted({ kind: 'scale-down', service: 'backend' })
    expect(draft).toMatchObject({
      title: 'backend down to 0 pods',
      steps: [
        {
          id: 'scale-workload',
          title: 'Scale backend from 3 to 0 replicas',
          input: { service: 'backend', name: 'backend', uid, from: 3, to: 0 },
        },
      ],
      changes: [{ what: 'backend', from: '3 pods', to: 'no pod at all' }],
      targets: ['production: deployment production/backend'],
      signatures: TWO,
      undo: 'Yes: back to 3 pods, as a plan with its own signatures.',
    })
  })
})

describe('restart', () => {
  test('names the very template that runs', async () => {
    const sandbox = inSandbox()
    const { uid, current } = await sandbox.releaseOf('backend')
    const { templateHash } = current!
    expect(await sandbox.drafted(restart)).toMatchObject({
      title: 'restart backend',
      steps: [
        {
          id: 'restart-workload',
          input: { service: 'backend', name: 'backend', uid, templateHash },
        },
      ],
      changes: [{ what: 'backend', from: '3 pods of v2.0.0', to: '3 new pods of v2.0.0' }],
      targets: ['production: deployment production/backend'],
      signatures: TWO,
      undo: 'There is nothing to undo: the version stays the same.',
    })
  })
})

describe('clear-cache', () => {
  test('says how many keys go, and which never do', async () => {
    expect(await inSandbox().drafted(clearCache)).toMatchObject({
      title: 'clear the cache',
      steps: [{ id: 'clear-cache' }],
      targets: ['production: redis cache'],
      signatures: TWO,
      lost: 'The cache entries, 270 now. Services are slower until they are filled again.',
      cautions: ['Never touched: keys that begin with cache:tags:.'],
    })
  })
})

describe('maintenance', () => {
  const { key, messageKey, message } = settings.maintenance
  test('is one person’s to sign, and names what the keys hold before and after', async () => {
    expect(await inSandbox().drafted(maintenanceOn)).toMatchObject({
      title: 'maintenance on',
      steps: [
        {
          id: 'set-maintenance',
          input: {
            on: true,
            cache: 'redis.sandbox:6379/0',
            texts: [
              { key, from: null, to: 'true' },
              { key: messageKey, from: null, to: message },
            ],
            proof: null,
          },
        },
      ],
      changes: [{ what: 'maintenance', from: 'off', to: 'on' }],
      targets: ['production: redis maintenance'],
      signatures: ONE,
      lost: `People see: ${message}`,
    })
  })

  test('shows people the message of this incident, which is signed with it', async () => {
    const own = 'We are repairing logins, back at 04:00 UTC'
    const request: PlanRequest = { kind: 'maintenance', on: true, message: own }
    const drafted = await inSandbox().drafted(request)
    expect(drafted).toMatchObject({
      steps: [{ input: { texts: [{ key }, { key: messageKey, from: null, to: own }] } }],
      lost: `People see: ${own}`,
    })
    const digests = [maintenanceOn, request, { ...request, message: 'Back soon.' }].map(
      async (asked) => digestOf(await inSandbox().drafted(asked)),
    )
    expect(new Set(await Promise.all(digests)).size).toBe(3)
  })

  test('takes away what somebody else has set, and remembers it', async () => {
    const sandbox = inSandbox()
    await sandbox.cache.changeTexts([{ key, from: null, to: 'by hand' }], patience())
    const { steps } = await sandbox.drafted(maintenanceOff)
    expect(steps[0]?.input).toMatchObject({
      on: false,
      texts: [
        { key, from: 'by hand', to: null },
        { key: messageKey, from: null, to: null },
      ],
    })
  })
})

type Change = (sandbox: Sandbox) => void | Promise<unknown>

const backTo = (service: string): PlanRequest => {
  return { kind: 'kubernetes', toVersion: null, service }
}

describe('there is no plan', () => {
  test.each<[string, PlanRequest, Change, string]>([
    [
      'back while a rollout is paused',
      backTo('backend'),
      ({ others }) => others.set('backend', { paused: true }),
      'backend: its rollout is paused; resume it first',
    ],
    [
      'back for what another controller owns',
      backTo('backend'),
      ({ others }) => others.set('backend', { ownedBy: 'Rollout backend' }),
      'backend: Rollout backend owns it and would write over it',
    ],
    [
      'back to what nobody keeps, for each service',
      to('v1.7.0'),
      () => undefined,
      'backend: no revision of v1.7.0 is kept; kept are v1.9.0, v1.8.3, the nearest is v1.9.0; frontend: no revision of v1.7.0 is kept; kept are v1.9.0, v1.8.3, the nearest is v1.9.0',
    ],
    [
      'back to what runs',
      to('v2.0.0'),
      () => undefined,
      'backend: it runs v2.0.0 already; frontend: it runs v2.0.0 already',
    ],
    [
      'back for a service that is not configured',
      backTo('worker'),
      () => undefined,
      'worker: no Deployment is configured for it',
    ],
    [
      'back when nothing of before is kept',
      backTo('backend'),
      ({ others }) => {
        for (const version of ['v1.9.0', 'v1.8.3']) others.removeRevision('backend', version)
      },
      'backend: no earlier revision is kept that differs from what runs',
    ],
    [
      'down from nothing',
      scaleDown,
      ({ others }) => others.scale('backend', 0),
      'backend: it is scaled to 0 already',
    ],
    [
      'down for what nobody configured',
      { kind: 'scale-down', service: 'mongo' },
      () => undefined,
      'mongo: no Deployment is configured for it',
    ],
    [
      'down for what another controller owns',
      scaleDown,
      ({ others }) => others.set('backend', { ownedBy: 'Rollout backend' }),
      'backend: Rollout backend owns it and would write over it',
    ],
    [
      'to restart while a rollout is paused',
      restart,
      ({ others }) => others.set('backend', { paused: true }),
      'backend: its rollout is paused; resume it first',
    ],
    [
      'to restart nothing',
      restart,
      ({ others }) => others.scale('backend', 0),
      'backend: it is scaled to 0, so that nothing restarts',
    ],
    [
      'to turn maintenance off that is off',
      maintenanceOff,
      () => undefined,
      'maintenance is off already',
    ],
    [
      'to turn maintenance on that somebody has turned on',
      maintenanceOn,
      ({ cache }) =>
        cache.changeTexts([{ key: settings.maintenance.key, from: null, to: 'true' }], patience()),
      'maintenance is on already',
    ],
    [
      'to undo what there is not',
      { kind: 'undo', plan: 1 },
      () => undefined,
      'plan 1 was never carried out',
    ],
  ])('%s', async (_what, request, change, because) => {
    const sandbox = inSandbox()
    await change(sandbox)
    expect(await sandbox.problem(request)).toBe(because)
  })

  test('where nothing is configured that it could be about', async () => {
    const bare = inSandbox({ kubernetes: null, cache: { prefixes: [], protectedPrefixes: [] } })
    expect(await bare.problem(rollback)).toBe('not configured')
    expect(await bare.problem(restart)).toBe('backend: no Deployment is configured for it')
    expect(await bare.problem(clearCache)).toBe(
      'no Redis or no cache prefix is configured (redis.cache.prefixes)',
    )
  })

  test('where no Deployment is, which a StatefulSet of that name is not', async () => {
    const { world, deployments } = inSandbox()
    const none = { ...world, deployments: { ...deployments, releases: async () => [] } }
    const incident = incidentAfter(opened, declared)
    for (const request of [restart, scaleDown]) {
      expect(
        await runbookOver(none, settings).resolve(request, incident, patience()),
      ).toMatchObject({
        kind: 'infeasible',
        because: expect.stringMatching(
          /^backend: there is no such deployment \(only Deployments are looked at: a StatefulSet or/,
        ),
      })
    }
  })

  test.each([clearCache, maintenanceOn])(
    'where Redis takes no writes, and a rollback says so beforehand: %j',
    async (request) => {
      const { world, cache } = inSandbox()
      const status: typeof cache.status = async (signal) => {
        return { ...(await cache.status(signal)), role: 'replica' }
      }
      const runbook = runbookOver({ ...world, cache: { ...cache, status } }, settings)
      const incident = incidentAfter(opened, declared)
      expect(await runbook.resolve(request, incident, patience())).toMatchObject({
        kind: 'infeasible',
        because: 'Redis is a replica, and takes no writes',
      })
      const back = await runbook.resolve(rollback, incident, patience())
      if (back.kind === 'infeasible') throw new Error(back.because)
      expect(back.draft.cautions).toContainEqual(
        expect.stringMatching(/^The cache cannot be cleared as things are \(Redis is a replica/),
      )
    },
  )

  test('and no answer is a Fault, never a plan (J10)', async () => {
    const sandbox = inSandbox()
    sandbox.change({ kubernetes: 'refusing', redis: 'refusing' })
    const kubernetes = [rollback, scaleDown, restart]
    for (const request of [...kubernetes, clearCache, maintenanceOn]) {
      const fault = await faultOf(sandbox.resolve(request))
      expect(fault).toMatchObject({ kind: 'retryable', code: 'ECONNREFUSED' })
    }
  })
})
