import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { describe, expect, test } from 'vitest'
import type { KeptRevision, RevisionId } from '../../../src/ports/deployment-state.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import { declared, incidentAfter, opened, TWO } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import {
  rollback,
  runEnded,
  stepFailed,
  stepStarted,
  stepSucceeded,
} from '../../support/plan-story.ts'
import { digestOf, incidentWith, inSandbox, settings, type Sandbox } from './in-sandbox.ts'
import { commitOf } from '../../../src/sandbox/release.ts'
import { newestChange } from '../../support/builders.ts'

const to = (toVersion: string): PlanRequest => ({ kind: 'kubernetes', toVersion })

function identityOf({ uid, templateHash, number, images, sha256 }: RevisionId): RevisionId {
  return { uid, templateHash, number, images, sha256 }
}

async function changeOf(sandbox: Sandbox, service: string, back = 0) {
  const { name, uid, current, previous } = await sandbox.releaseOf(service)
  return {
    service,
    name,
    uid,
    from: identityOf(current!),
    to: identityOf(previous[back]!),
    runs: true,
  }
}

/** The bad release, as the cluster tells of it. */
const changeBefore = (service: string) =>
  newestChange(service, {
    since: { time: '2026-11-22T03:00:07.000Z', exact: true },
    versionSince: { time: '2026-11-22T03:00:07.000Z', exact: true },
    commit: commitOf('v2.0.0'),
  })

describe('kubernetes', () => {
  test('plans every Deployment back, then the cache, then the proof, by exact identities', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(rollback)
    const [backend, frontend] = await Promise.all([
      changeOf(sandbox, 'backend'),
      changeOf(sandbox, 'frontend'),
    ])
    const { prefixes, protectedPrefixes } = settings.cache
    expect(draft).toEqual({
      versions: { backend: ['v1.9.0'], frontend: ['v1.9.0'] },
      title: 'backend and frontend back to v1.9.0',
      steps: [
        {
          id: 'restore-revisions',
          title: 'Return backend to v1.9.0, frontend to v1.9.0',
          input: { changes: [backend, frontend], locks: true },
        },
        {
          id: 'clear-cache',
          beside: true,
          title: 'Clear the cache: every key that begins with cache:',
          input: { cache: 'redis.sandbox:6379/0', scope: { prefixes, protectedPrefixes } },
        },
        {
          id: 'prove-services',
          title: 'Prove that health and version are right: backend, frontend',
          input: {
            services: ['backend', 'frontend'].map((name) => ({
              name,
              health: `http://${name}.test/health`,
              version: { url: `http://${name}.test/version`, oneOf: ['v1.9.0'] },
            })),
          },
          whenStopped: 'it is ended; it only looks',
        },
      ],
      changes: [
        {
          what: 'backend',
          from: `v2.0.0 (revision 44, ${backend.from.templateHash})`,
          to: `v1.9.0 (revision 43, ${backend.to.templateHash}), 3 pods`,
          images: { from: backend.from.images, to: backend.to.images },
          takesBack: changeBefore('backend'),
        },
        {
          what: 'frontend',
          from: `v2.0.0 (revision 44, ${frontend.from.templateHash})`,
          to: `v1.9.0 (revision 43, ${frontend.to.templateHash}), 2 pods`,
          images: { from: frontend.from.images, to: frontend.to.images },
          takesBack: changeBefore('frontend'),
        },
      ],
      targets: [
        'production: deployment production/backend',
        'production: deployment production/frontend',
      ],
      signatures: TWO,
      because: 'v1.9.0 is the newest other version that ran at least 10 minutes (6 days)',
      lost: 'Nothing is deleted but cache entries. Data written by the newer version stays.',
      undo: 'Yes: the same Deployments back to what runs now, as a plan with its own signatures.',
      cautions: [
        'Only the pod template goes back: ConfigMaps, Secrets and the number of pods stay as they are.',
      ],
    })
  })

  test('leads to the version that was asked for', async () => {
    const sandbox = inSandbox()
    const { steps, because } = await sandbox.drafted(to('v1.8.3'))
    expect(steps[0]?.input).toEqual({
      changes: [await changeOf(sandbox, 'backend', 1), await changeOf(sandbox, 'frontend', 1)],
      locks: true,
    })
    expect(because).toBe('the newest kept revision of v1.8.3, as asked for')
  })

  test('clears no cache where none is configured, and says then that nothing is deleted', async () => {
    const sandbox = inSandbox({ cache: { prefixes: [], protectedPrefixes: [] } })
    const { steps, lost } = await sandbox.drafted(rollback)
    expect(steps.map(({ id, beside = false }) => [id, beside])).toEqual([
      ['restore-revisions', false],
      ['prove-services', false],
    ])
    expect(lost).toBe('Nothing is deleted. Data written by the newer version stays.')
  })

  test('warns of who else writes there', async () => {
    const sandbox = inSandbox()
    sandbox.others.set('backend', {
      managedBy: [
        { says: 'Argo CD', scales: false, owner: null },
        { says: 'autoscaler backend', scales: true, owner: null },
      ],
    })
    const { cautions } = await sandbox.drafted(rollback)
    expect(cautions.slice(0, -1)).toEqual([
      'backend: Argo CD may put the newer version back. Revert it there, too.',
      'backend: autoscaler backend decides how many pods there are, before and after.',
    ])
  })

  test('finishes what was only half done: a service that is there already is left as it is', async () => {
    const sandbox = inSandbox()
    sandbox.others.deploy('backend', 'v1.9.0')
    const { steps } = await sandbox.drafted(to('v1.9.0'))
    expect(steps[0]?.input).toEqual({
      changes: [await changeOf(sandbox, 'frontend')],
      locks: true,
    })
  })

  test('asked again after a rollback does not plan the way back to what was bad', async () => {
    const sandbox = inSandbox()
    await sandbox.carryOut(await sandbox.stepOf(rollback))
    const resolved = await sandbox.resolve(rollback)
    const planned = resolved.kind === 'feasible' ? resolved.draft.title : resolved.because
    expect(planned).not.toContain('back to v2.0.0')
  })

  test('says that what was signed is not kept any more, and does not say it of what is', async () => {
    const sandbox = inSandbox()
    const incident = incidentWith(await sandbox.drafted(rollback), [])
    sandbox.others.removeRevision('backend', 'v1.9.0')
    sandbox.others.removeRevision('backend', 'v1.8.3')
    const backend = { kind: 'kubernetes', toVersion: null, service: 'backend' } as const
    expect(await sandbox.problem(backend, incident)).toBe(
      'backend: revision 43 (v1.9.0) is not kept any more; backend: no earlier revision is kept that differs from what runs',
    )
  })

  test('can be proved where a pod has a second container: no service tells the version of that', async () => {
    const sandbox = inSandbox()
    const { deployments } = sandbox
    const beside = (one: KeptRevision) => ({ ...one, images: [...one.images, 'fluent-bit:3.1.9'] })
    const releases: typeof deployments.releases = async (services, signal) =>
      (await deployments.releases(services, signal)).map((release) => ({
        ...release,
        current: release.current && beside(release.current),
        previous: release.previous.map(beside),
      }))
    const world = { ...sandbox.world, deployments: { ...deployments, releases } }
    const resolved = await runbookOver(world, settings).resolve(
      { kind: 'kubernetes', toVersion: null },
      incidentAfter(opened, declared),
      patience(),
    )
    if (resolved.kind === 'infeasible') throw new Error(resolved.because)
    const proofs = []
    for (const step of resolved.draft.steps) proofs.push((await sandbox.carryOut(step)).proof)
    expect(proofs.map(({ kind }) => kind)).toEqual(['verified', 'verified', 'verified'])
  })

  test('gives a service that is scaled to 0 the version, and says that nothing runs by it', async () => {
    const sandbox = inSandbox()
    sandbox.others.scale('backend', 0)
    const { steps, cautions } = await sandbox.drafted(rollback)
    expect(cautions).toContain(
      'backend: it is scaled to 0. It gets the version, and nothing of it runs until it is scaled up.',
    )
    for (const step of steps) {
      expect(await sandbox.carryOut(step)).toMatchObject({ proof: { kind: 'verified' } })
    }
    expect((await sandbox.releaseOf('backend')).current?.images).toEqual([
      'pipeshub/backend:v1.9.0',
    ])
  })
})

describe('a rollback that was begun in the same incident', () => {
  test('is finished by the next plan: what it brought back already is left as it is', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(rollback)
    const half = [stepStarted(), stepFailed(0, 'unknown'), runEnded('failed')]
    const incident = incidentWith(draft, half)
    sandbox.others.deploy('backend', 'v1.9.0')
    const { steps, cautions } = await sandbox.drafted(rollback, incident)
    expect(steps[0]?.input).toEqual({
      changes: [await changeOf(sandbox, 'frontend')],
      locks: true,
    })
    expect(cautions).toContain('backend: this incident brought it back to v1.9.0 already.')
  })

  test('and was finished is no reason to go further back', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(rollback)
    await sandbox.carryOut(draft.steps[0]!)
    const ended = incidentWith(draft, [
      stepStarted(),
      stepSucceeded(),
      stepSucceeded(1, false),
      stepSucceeded(2, false),
      runEnded(),
    ])
    expect(await sandbox.problem(rollback, ended)).toBe(
      'backend: this incident brought it back to v1.9.0 already; frontend: this incident brought it back to v1.9.0 already',
    )
  })
})

describe('a cache that does not answer', () => {
  test('holds up nothing: the rollback is planned all the same, and says so', async () => {
    const sandbox = inSandbox()
    sandbox.change({ redis: 'refusing' })
    const { steps, lost, cautions } = await sandbox.drafted(rollback)
    expect(steps.map(({ id, beside = false }) => [id, beside])).toEqual([
      ['restore-revisions', false],
      ['clear-cache', true],
      ['prove-services', false],
    ])
    expect(lost).toMatch(/^Nothing is deleted but cache entries\./)
    expect(cautions).toContain(
      'The cache cannot be cleared as things are (Redis: connection refused). The rest does not wait for it; clear it afterwards: clear-cache.',
    )
  })

  test.each(['answering', 'refusing'] as const)(
    'and comes and goes voids no signature: planned while it was %s, it is the same deed after',
    async (first) => {
      const sandbox = inSandbox()
      const second = first === 'answering' ? 'refusing' : 'answering'
      sandbox.change({ redis: first })
      const draft = await sandbox.drafted(rollback)
      const open = incidentWith(draft, [])
      expect(digestOf(await sandbox.drafted(rollback, open))).toBe(digestOf(draft))
      sandbox.change({ redis: second })
      expect(digestOf(await sandbox.drafted(rollback, open))).toBe(digestOf(draft))
    },
  )
})
