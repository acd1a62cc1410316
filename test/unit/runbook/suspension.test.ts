import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { describe, expect, test } from 'vitest'
import type { Event } from '../../../src/domain/incident/event.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import type { OwnerName } from '../../../src/domain/plan/owner.ts'
import type { Draft } from '../../../src/domain/plan/plan.ts'
import { stillSuspended } from '../../../src/domain/plan/suspension.ts'
import type { Owners } from '../../../src/ports/owners.ts'
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
import { incidentWith, inSandbox, settings } from './in-sandbox.ts'

const shop: OwnerName = { kind: 'Application', namespace: 'argocd', name: 'shop' }
const flux: OwnerName = { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' }
const resume: PlanRequest = { kind: 'resume' }
const undo: PlanRequest = { kind: 'undo', plan: 1 }
const works = { prune: true, selfHeal: true }

/** Argo CD keeps both services at the bad version, and these may be suspended. */
function kept(suspend: readonly OwnerName[] = [shop]) {
  const sandbox = inSandbox({ kubernetes: { ...settings.kubernetes!, suspend } })
  sandbox.others.keep({ ...shop, version: 'v2.0.0' })
  const shopNow = async () => (await sandbox.owners.list([shop], patience()))[0]!
  const running = async () => (await sandbox.releaseOf('backend')).current?.images
  return { ...sandbox, shopNow, running }
}

/** A rollback that suspended it, and the incident that tells so. */
async function suspended(events: readonly Event[] = wholeRun(4)) {
  const sandbox = kept()
  const draft = await sandbox.drafted(rollback)
  for (const step of draft.steps) await sandbox.carryOut(step)
  return { ...sandbox, draft, incident: incidentWith(draft, events) }
}

/** The rollback that is planned when the owners answer otherwise. */
async function rollbackOver(
  { world, owners }: ReturnType<typeof kept>,
  otherwise: Partial<Owners>,
  suspend: readonly OwnerName[] = [shop],
): Promise<Draft> {
  const runbook = runbookOver(
    { ...world, owners: { ...owners, ...otherwise } },
    { ...settings, kubernetes: { ...settings.kubernetes!, suspend } },
  )
  const resolved = await runbook.resolve(rollback, incidentAfter(opened, declared), patience())
  if (resolved.kind === 'infeasible') throw new Error(resolved.because)
  return resolved.draft
}

function wholeRun(steps: number): Event[] {
  const all = Array.from({ length: steps }, (_, at) => [stepStarted(at), stepSucceeded(at)])
  return [...all.flat(), runEnded()]
}

describe('a rollback of what Argo CD keeps', () => {
  test('without leave to suspend it is put back within seconds: that is why there is one', async () => {
    const sandbox = kept([])
    const draft = await sandbox.drafted(rollback)
    expect(draft.steps[0]?.id).toBe('restore-revisions')
    await sandbox.carryOut(draft.steps[0]!)
    sandbox.pass(6)
    await sandbox.running()
    expect(await sandbox.running()).toEqual(['pipeshub/backend:v2.0.0'])
  })

  test('suspends it first, says so in every part of the plan, and stands', async () => {
    const sandbox = kept()
    const draft = await sandbox.drafted(rollback)
    expect(draft.steps.map(({ title }) => title).slice(0, 2)).toEqual([
      'Suspend Argo CD application argocd/shop',
      'Return backend to v1.9.0, frontend to v1.9.0',
    ])
    expect(draft.changes[0]).toEqual({
      what: 'Argo CD application argocd/shop',
      from: 'works by itself, {"prune":true,"selfHeal":true}',
      to: 'suspended',
    })
    expect(draft.undo).toBe(
      'Yes: the same Deployments back to what runs now, and what is suspended works by itself again, as a plan with its own signatures.',
    )
    expect(draft.targets).toContain('production: Application argocd/shop')
    expect(draft.lost).toMatch(
      /argocd\/shop updates nothing until somebody types resume or undo\.$/,
    )
    for (const step of draft.steps) {
      expect((await sandbox.carryOut(step)).proof.kind).toBe('verified')
    }
    sandbox.pass(600)
    expect(await sandbox.running()).toEqual(['pipeshub/backend:v1.9.0'])
    expect(await sandbox.shopNow()).toMatchObject({ suspended: true, setting: null })
  })

  test('leaves its own caution out, and keeps that of whom it may not suspend', async () => {
    const sandbox = kept()
    const owner = { kind: 'Application', namespace: null, name: 'shop' } as const
    sandbox.others.set('backend', {
      managedBy: [
        { says: 'Argo CD application shop', scales: false, owner },
        { says: 'Argo CD application other', scales: false, owner: { ...owner, name: 'other' } },
        { says: 'Helm release shop', scales: false, keepsHistory: true, owner: null },
      ],
    })
    const { cautions } = await sandbox.drafted(rollback)
    expect(cautions.filter((one) => one.startsWith('backend'))).toEqual([
      'backend: Argo CD application other may put the newer version back. Revert it there, too.',
      'backend: Helm release shop may put the newer version back. Revert it there, too. Until then its history names the newer version as the one that runs.',
    ])
  })

  test('leaves alone what only scales', async () => {
    const { steps } = await inSandbox().drafted(rollback)
    expect(steps[0]?.id).toBe('restore-revisions')
  })

  test('says what cannot be suspended, what is not there, and what is suspended already', async () => {
    const sandbox = kept([shop, flux, { ...flux, name: 'gone' }])
    sandbox.others.keep({ ...shop, version: null, keptBy: 'ApplicationSet shops' })
    sandbox.others.keep({ ...flux, version: null })
    sandbox.others.setOwner(flux, true)
    const { steps, cautions } = await sandbox.drafted(rollback)
    expect(steps[0]?.id).toBe('restore-revisions')
    expect(cautions.slice(0, 3)).toEqual([
      'Argo CD application argocd/shop cannot be suspended: ApplicationSet shops would take that back. It may undo this.',
      'Flux Kustomization flux-system/apps is suspended already, and stays so.',
      'Flux Kustomization flux-system/gone is not suspended: it is not there.',
    ])
  })

  test('is planned all the same when it may not be looked at, and says so', async () => {
    const sandbox = kept()
    const detail = 'forbidden: applications.argoproj.io "shop"'
    const list = async () => {
      throw new Fault({ kind: 'terminal', dependency: 'kubernetes', detail, code: '403' })
    }
    const { steps, cautions } = await rollbackOver(sandbox, { list })
    expect(steps[0]?.id).toBe('restore-revisions')
    expect(cautions[0]).toBe(`Argo CD application argocd/shop is not suspended: ${detail}.`)
  })

  test('is another deed when somebody changed how it works: what was signed does not hold', async () => {
    const sandbox = kept()
    const before = await sandbox.drafted(rollback)
    sandbox.others.setOwner(shop, { prune: false })
    const now = await sandbox.drafted(rollback)
    expect(now.steps[0]?.input).not.toEqual(before.steps[0]?.input)
    const found = await sandbox.carryOut(before.steps[0]!).catch(() => null)
    expect(found).toMatchObject({ found: 'blocked' })
  })
})

test('what refuses to be suspended is said to be so, and the rollback is planned without it', async () => {
  const sandbox = kept()
  const because = 'admission webhook denied the request: only Argo CD changes applications'
  const write = async () => ({ kind: 'refused', because }) as const
  const { steps, cautions } = await rollbackOver(sandbox, { write })
  expect(steps[0]?.id).toBe('restore-revisions')
  expect(cautions[0]).toBe(`Argo CD application argocd/shop is not suspended: ${because}.`)
})

describe('the undo of it', () => {
  test('says what runs afterwards, and who would put back what runs now', async () => {
    const sandbox = await suspended()
    const before = await sandbox.drafted(undo, sandbox.incident)
    expect(before.versions).toEqual({ backend: ['v2.0.0'], frontend: ['v2.0.0'] })
    expect(before.cautions.join()).not.toContain('wants what runs now')
    sandbox.others.keep({ ...shop, version: 'v1.9.0' })
    sandbox.others.setOwner(shop, null)
    const { cautions } = await sandbox.drafted(undo, sandbox.incident)
    expect(cautions.at(-1)).toBe(
      'Argo CD application argocd/shop wants what runs now, and would put it back. Revert it there, too.',
    )
  })

  test('of a resume says what of it may not hold, as whoever suspends it first is told', async () => {
    const sandbox = kept()
    const { owners, runbook, context } = sandbox
    const [suspend] = (await sandbox.drafted(rollback)).steps
    const list: Owners['list'] = async (...asked) =>
      (await owners.list(...asked)).map((one) => ({ ...one, atWork: true }))
    const world = { ...sandbox.world, owners: { ...owners, list } }
    const advice = await runbook
      .bind(suspend!)
      .adviseUndo({ ...context(), world }, { plan: 1, alone: true })
    expect(advice).toEqual({
      problem: null,
      cautions: [
        'Argo CD application argocd/shop is at work right now: what it has begun may still be written.',
      ],
    })
  })

  test('does not hang on an owner that may not be looked at any more', async () => {
    const sandbox = await suspended()
    const list = async () => {
      throw new Fault({ kind: 'terminal', dependency: 'kubernetes', detail: 'no', code: '403' })
    }
    const world = { ...sandbox.world, owners: { ...sandbox.owners, list } }
    const asked = async (request: PlanRequest) =>
      runbookOver(world, settings).resolve(request, sandbox.incident, patience())
    const back = await asked(undo)
    if (back.kind === 'infeasible') throw new Error(back.because)
    expect(back.draft.steps.map(({ id }) => id)).not.toContain('suspend-owner')
    expect(back.draft.steps[0]?.id).toBe('restore-revisions')
    expect(await asked(resume)).toMatchObject({
      kind: 'infeasible',
      because: 'Argo CD application argocd/shop: no',
    })
  })

  test('goes back in the other order: the services first, then it works by itself again', async () => {
    const sandbox = await suspended()
    const back = await sandbox.drafted(undo, sandbox.incident)
    expect(back.steps.map(({ title }) => title)).toEqual([
      'Return backend to v2.0.0, frontend to v2.0.0',
      'Resume Argo CD application argocd/shop',
      'Clear the cache: every key that begins with cache:',
      'Prove that health and version are right: backend, frontend',
    ])
    for (const step of back.steps) await sandbox.carryOut(step, 'i-1/plan-2')
    expect(await sandbox.shopNow()).toMatchObject({ suspended: false, setting: works })
    expect(await sandbox.running()).toEqual(['pipeshub/backend:v2.0.0'])
  })

  test('does not hang on what somebody else has done with it', async () => {
    const sandbox = await suspended()
    sandbox.others.setOwner(shop, { prune: false })
    const back = await sandbox.drafted(undo, sandbox.incident)
    expect(back.steps[0]?.id).toBe('restore-revisions')
    expect(back.steps.map(({ id }) => id)).not.toContain('suspend-owner')
    expect(back.changes.map(({ what }) => what)).toEqual(['backend', 'frontend'])
    expect(back.cautions).toContain(
      'Argo CD application argocd/shop is left as it is, and may take this back.',
    )
  })
})

describe('the undo of a rollback that came no further than suspending', () => {
  const stoppedEarly = [stepStarted(), stepSucceeded(), stepFailed(1, 'no'), runEnded('failed')]

  /** It is suspended, and nothing else of the plan was done. */
  async function onlySuspended() {
    const sandbox = kept()
    const draft = await sandbox.drafted(rollback)
    await sandbox.carryOut(draft.steps[0]!)
    return { ...sandbox, incident: incidentWith(draft, stoppedEarly) }
  }

  test('gives it back, and claims nothing of the services', async () => {
    const { drafted, incident } = await onlySuspended()
    const back = await drafted(undo, incident)
    expect(back.title).toBe('undo plan 1 and resume Argo CD application argocd/shop')
    expect(back.steps.map(({ title }) => title)).toEqual(['Resume Argo CD application argocd/shop'])
    expect(back.changes.map(({ what }) => what)).toEqual(['Argo CD application argocd/shop'])
  })

  test('is refused once another plan has rolled back: it would be put back at once', async () => {
    const { problem, others, incident } = await onlySuspended()
    for (const service of ['backend', 'frontend']) others.deploy(service, 'v1.9.0')
    expect(await problem(undo, incident)).toMatch(/what it would write is not what runs now/)
  })

  test('asked for again, the rollback says which plan has suspended it', async () => {
    const { drafted, incident } = await onlySuspended()
    const again = await drafted(rollback, incident)
    expect(again.steps[0]?.id).toBe('restore-revisions')
    expect(again.targets).toContain('production: Application argocd/shop')
    expect(again.cautions[0]).toBe(
      'Argo CD application argocd/shop is suspended already, by plan 1, and stays so.',
    )
  })
})

describe('several owners', () => {
  const other: OwnerName = { ...shop, name: 'other' }

  function both() {
    const sandbox = kept([shop, other])
    sandbox.others.keep({ ...other, version: null })
    return sandbox
  }

  test('are a step each, so that each says for itself what became of it', async () => {
    const { steps } = await both().drafted(rollback)
    expect(steps.slice(0, 2).map(({ title }) => title)).toEqual([
      'Suspend Argo CD application argocd/shop',
      'Suspend Argo CD application argocd/other',
    ])
  })

  test('one that may not be looked at does not keep the other from being suspended', async () => {
    const sandbox = both()
    const { owners } = sandbox
    const list: typeof owners.list = async (names, signal) => {
      if (!names.some(({ name }) => name === 'other')) return owners.list(names, signal)
      throw new Fault({ kind: 'terminal', dependency: 'kubernetes', detail: 'no', code: '403' })
    }
    const { steps } = await rollbackOver(sandbox, { list }, [shop, other])
    expect(steps.slice(0, 2).map(({ title }) => title)).toEqual([
      'Suspend Argo CD application argocd/shop',
      'Return backend to v1.9.0, frontend to v1.9.0',
    ])
  })

  test('one that would write over what runs is not resumed, and the other is', async () => {
    const { drafted, carryOut } = both()
    const draft = await drafted(rollback)
    for (const step of draft.steps) await carryOut(step)
    const back = await drafted(resume, incidentWith(draft, wholeRun(5)))
    expect(back.steps.map(({ title }) => title)).toEqual([
      'Resume Argo CD application argocd/other',
    ])
    expect(back.cautions[0]).toMatch(
      /^Not resumed by this: Argo CD application argocd\/shop: what it/,
    )
  })

  test('one that cannot be resumed any more does not keep the other from it', async () => {
    const { drafted, carryOut, others } = both()
    const draft = await drafted(rollback)
    for (const step of draft.steps) await carryOut(step)
    others.keep({ ...shop, version: 'v1.9.0' })
    others.setOwner(shop, null)
    others.setOwner(other, { prune: false })
    const back = await drafted(resume, incidentWith(draft, wholeRun(5)))
    expect(back.steps.map(({ title }) => title)).toEqual(['Resume Argo CD application argocd/shop'])
    expect(back.cautions[0]).toBe(
      'Not resumed by this: Argo CD application argocd/other: somebody else changed how it works.',
    )
  })
})

test('what stands as it should when it is to be resumed is not called suspended any more', async () => {
  const sandbox = await suspended()
  const back = await sandbox.drafted(undo, sandbox.incident)
  const requested: Event = {
    type: 'plan-requested',
    plan: 2,
    by: 'U0ANA',
    human: 'ana',
    request: undo,
  }
  const proposal = { ...back, digest: 'digest-2', expectedMs: null }
  const events: Event[] = [
    requested,
    { type: 'plan-proposed', plan: 2, proposal },
    { type: 'run-started', plan: 2 },
    { type: 'step-started', plan: 2, step: 0 },
    { type: 'step-succeeded', plan: 2, step: 0, applied: true, says: 'back' },
    // Somebody had resumed it by hand: nothing was written.
    { type: 'step-succeeded', plan: 2, step: 1, applied: false, says: 'works by itself again' },
  ]
  const draft = sandbox.draft
  expect(stillSuspended(incidentWith(draft, wholeRun(4)))).toHaveLength(1)
  expect(stillSuspended(incidentWith(draft, [...wholeRun(4), ...events]))).toEqual([])
})

describe('resume', () => {
  test('is refused while what it would write is not what runs', async () => {
    const sandbox = await suspended()
    expect(await sandbox.problem(resume, sandbox.incident)).toBe(
      'Argo CD application argocd/shop: what it would write is not what runs now; revert it there first, or undo the rollback',
    )
  })

  test('gives back exactly what it had, once Git says what runs', async () => {
    const sandbox = await suspended()
    // Reverted in Git: that is all that changes of it.
    sandbox.others.keep({ ...shop, version: 'v1.9.0' })
    sandbox.others.setOwner(shop, null)
    sandbox.pass(60)
    const draft = await sandbox.drafted(resume, sandbox.incident)
    expect(draft).toMatchObject({
      title: 'resume Argo CD application argocd/shop',
      signatures: TWO,
      because: 'suspended by plan 1',
      versions: { backend: ['v1.9.0'], frontend: ['v1.9.0'] },
      cautions: [],
    })
    expect((await sandbox.carryOut(draft.steps[0]!)).proof).toEqual({
      kind: 'verified',
      says: 'works by itself again',
    })
    expect(await sandbox.shopNow()).toMatchObject({ suspended: false, setting: works })
    sandbox.pass(600)
    expect(await sandbox.running()).toEqual(['pipeshub/backend:v1.9.0'])
    expect(await sandbox.problem(resume, sandbox.incident)).toBe(
      'Argo CD application argocd/shop: it works by itself already',
    )
  })

  test('warns when Argo CD has not looked since: what it says is of the time before', async () => {
    const sandbox = await suspended()
    sandbox.others.keep({ ...shop, version: 'v1.9.0' })
    sandbox.others.setOwner(shop, null)
    const { cautions } = await sandbox.drafted(resume, sandbox.incident)
    expect(cautions).toEqual([expect.stringMatching(/does not tell what it would write/)])
  })

  test('warns of who does not tell what it would write', async () => {
    const sandbox = kept([flux])
    sandbox.others.keep({ ...flux, version: null })
    const draft = await sandbox.drafted(rollback)
    await sandbox.carryOut(draft.steps[0]!)
    const { cautions } = await sandbox.drafted(resume, incidentWith(draft, wholeRun(4)))
    expect(cautions).toEqual([
      'Flux Kustomization flux-system/apps does not tell what it would write. See to it that it is not the bad version.',
    ])
  })

  test.each([
    ['nothing was ever suspended', [], 'this incident has suspended nothing'],
    [
      'the suspension was refused',
      [stepStarted(), stepFailed(0, 'no'), runEnded('failed')],
      'this incident has suspended nothing',
    ],
    [
      'it is not known whether it was suspended: that is looked at',
      [stepStarted(), stepFailed(0, 'unknown'), runEnded('failed')],
      'Argo CD application argocd/shop: it works by itself already',
    ],
  ])('when %s', async (_when, events, because) => {
    const sandbox = kept()
    const draft = await sandbox.drafted(rollback)
    expect(await sandbox.problem(resume, incidentWith(draft, events))).toBe(because)
  })

  test('of another one of the same name is refused', async () => {
    const { incident } = await suspended()
    expect(stillSuspended(incident)).toMatchObject([
      { owner: shop, plan: 1, from: works, to: null, certain: true },
    ])
    const elsewhere = kept()
    const gone = { ...elsewhere.owners, list: async () => [] }
    const resolved = await runbookOver({ ...elsewhere.world, owners: gone }, settings).resolve(
      resume,
      incident,
      patience(),
    )
    expect(resolved).toMatchObject({
      kind: 'infeasible',
      because: 'Argo CD application argocd/shop: it is not there',
    })
  })
})

describe('scaling down what KEDA scales', () => {
  const down: PlanRequest = { kind: 'scale-down', service: 'frontend' }

  test('pauses it first, and undoing it brings the pods back before it goes on', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(down)
    expect(draft.steps.map(({ title }) => title)).toEqual([
      'Suspend KEDA scaled object production/queue',
      'Scale frontend from 2 to 0 replicas',
    ])
    for (const step of draft.steps) await sandbox.carryOut(step)
    const back = await sandbox.drafted(undo, incidentWith(draft, wholeRun(2), down))
    expect(back.steps.map(({ title }) => title)).toEqual([
      'Scale frontend from 0 to 2 replicas',
      'Resume KEDA scaled object production/queue',
    ])
  })

  test('resumed alone it may start the pods again: that is said', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(down)
    for (const step of draft.steps) await sandbox.carryOut(step)
    sandbox.pass(30)
    const { cautions } = await sandbox.drafted(resume, incidentWith(draft, wholeRun(2), down))
    expect(cautions).toEqual([
      'KEDA scaled object production/queue may start pods of frontend again.',
    ])
  })

  test('another service is none of its business', async () => {
    const { steps } = await inSandbox().drafted({ kind: 'scale-down', service: 'backend' })
    expect(steps.map(({ id }) => id)).toEqual(['scale-workload'])
  })
})
