import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { describe, expect, test } from 'vitest'
import { patience } from '../../support/contracts/outside.ts'
import {
  rollback,
  runEnded,
  stepFailed,
  stepStarted,
  stepSucceeded,
} from '../../support/plan-story.ts'
import { ALL_DONE, digestOf, incidentWith, inSandbox, KEY } from './in-sandbox.ts'
import { ONE, TWO } from '../../support/builders.ts'

const undo: PlanRequest = { kind: 'undo', plan: 1 }
const UNDO_KEY = 'i-1/plan-2'

/** A sandbox in which plan 1 was carried out, and the incident that tells so. */
async function done(request: PlanRequest = rollback, events = ALL_DONE) {
  const sandbox = inSandbox()
  const draft = await sandbox.drafted(request)
  for (const step of draft.steps) await sandbox.carryOut(step)
  return { ...sandbox, draft, incident: incidentWith(draft, events, request) }
}

const one = [stepStarted(), stepSucceeded(), runEnded()]

describe('the undo of a rollback', () => {
  test('leads every Deployment back to exactly where it was, clears the cache again, and proves it', async () => {
    const { drafted, draft, incident } = await done()
    const back = await drafted(undo, incident)
    const [restore] = draft.steps
    const { changes } = restore!.input as { changes: { from: unknown; to: unknown }[] }
    expect(back).toMatchObject({
      title: 'undo plan 1 and return backend to v2.0.0, frontend to v2.0.0',
      targets: draft.targets,
      signatures: TWO,
      because: 'back to how it was before plan 1',
    })
    expect(back.steps.map(({ id, title }) => [id, title])).toEqual([
      ['restore-revisions', 'Return backend to v2.0.0, frontend to v2.0.0'],
      ['clear-cache', 'Clear the cache: every key that begins with cache:'],
      ['prove-services', 'Prove that health and version are right: backend, frontend'],
    ])
    expect(back.steps[0]?.input).toMatchObject({
      changes: changes.map(({ from, to }) => ({ from: to, to: from })),
    })
    expect(back.steps[0]?.input).toMatchObject({ locks: false })
    expect(back.steps[2]?.input).toMatchObject({
      services: [{ version: { oneOf: ['v2.0.0'] } }, { version: { oneOf: ['v2.0.0'] } }],
    })
    expect(back.changes).toEqual(
      draft.changes.map(({ what, from, to, images }) => {
        const swapped = { from: images?.to, to: images?.from }
        return { what, from: to.replace(/, \d pods$/, ''), to: from, images: swapped }
      }),
    )
  })

  test('can be carried out: what ran before runs again', async () => {
    const { drafted, incident, carryOut, releaseOf } = await done()
    const proofs: string[] = []
    for (const step of (await drafted(undo, incident)).steps) {
      const { proof } = await carryOut(step, UNDO_KEY)
      expect(proof.kind).toBe('verified')
      proofs.push(proof.says)
    }
    expect(proofs.at(-1)).toBe('backend: healthy, runs v2.0.0; frontend: healthy, runs v2.0.0')
    expect((await releaseOf('backend')).current?.images).toEqual(['pipeshub/backend:v2.0.0'])
    expect((await releaseOf('frontend')).current?.images).toEqual(['pipeshub/frontend:v2.0.0'])
  })

  test('of which only half was done brings back that half, and leaves the other as it is', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(rollback)
    const seen = await sandbox.releaseOf('backend')
    const change = { kind: 'template', to: seen.previous[0]! } as const
    const options = { key: KEY, cause: 'a test', dryRun: false, signal: patience() }
    await sandbox.deployments.write({ seen, change }, options)
    const incident = incidentWith(draft, [
      stepStarted(),
      stepFailed(0, 'unknown'),
      runEnded('failed'),
    ])
    const before = await sandbox.releaseOf('frontend')

    const back = await sandbox.drafted(undo, incident)
    expect(back.steps.map(({ id, title }) => [id, title])).toEqual([
      ['restore-revisions', 'Return backend to v2.0.0'],
      // That its version page calls it so was never proved: it is not asked, and not promised.
      ['prove-services', 'Prove that health is right: backend, frontend'],
    ])
    expect(back.changes.map(({ what }) => what)).toEqual(['backend'])
    const { says } = await sandbox.runbook.bind(back.steps[1]!).verify(sandbox.context())
    expect(says).toMatch(/^backend: healthy; its version was not asked; /)
    for (const step of back.steps) await sandbox.carryOut(step, UNDO_KEY)
    expect((await sandbox.releaseOf('backend')).current?.uid).toBe(seen.current?.uid)
    expect(await sandbox.releaseOf('frontend')).toEqual(before)
  })

  test('that may not have happened is none when all stands as it did', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(rollback)
    const maybe = [stepStarted(), stepFailed(0, 'unknown'), runEnded('failed')]
    expect(await sandbox.problem(undo, incidentWith(draft, maybe))).toBe(
      'it stands as it did before plan 1 already',
    )
  })

  test('that certainly wrote nothing is none', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(rollback)
    const nothing = [stepFailed(0, 'no'), runEnded('failed')]
    expect(await sandbox.problem(undo, incidentWith(draft, nothing))).toBe(
      'nothing that plan 1 did can be taken back',
    )
  })

  test('is none when somebody has deployed since', async () => {
    const { problem, incident, others } = await done()
    others.deploy('backend', 'v2.0.1')
    expect(await problem(undo, incident)).toBe('backend: somebody deployed v2.0.1 meanwhile')
  })

  test('is none when what ran before is gone', async () => {
    const { problem, incident, others } = await done()
    others.removeRevision('backend', 'v2.0.0')
    expect(await problem(undo, incident)).toBe('backend: revision 44 does not exist any more')
  })

  test('is the same deed for hours while nobody touches anything', async () => {
    const { drafted, incident, pass } = await done()
    const before = digestOf(await drafted(undo, incident))
    pass(3 * 3_600)
    expect(digestOf(await drafted(undo, incident))).toBe(before)
  })
})

describe('the undo of', () => {
  test('a scale-down brings back as many pods as there were', async () => {
    const { drafted, incident, carryOut, releaseOf } = await done(
      { kind: 'scale-down', service: 'backend' },
      one,
    )
    expect((await releaseOf('backend')).replicas).toBe(0)
    const [step] = (await drafted(undo, incident)).steps
    expect(step).toMatchObject({
      id: 'scale-workload',
      title: 'Scale backend from 0 to 3 replicas',
      input: { from: 0, to: 3 },
    })
    expect(await carryOut(step!, UNDO_KEY)).toMatchObject({
      proof: { kind: 'verified', says: 'backend: 3 of 3 pods ready' },
    })
  })

  test('maintenance takes one signature, as turning it on did', async () => {
    const { drafted, incident, carryOut, standing } = await done(
      { kind: 'maintenance', on: true },
      one,
    )
    const back = await drafted(undo, incident)
    expect(back.signatures).toEqual(ONE)
    await carryOut(back.steps[0]!, UNDO_KEY)
    expect((await standing()).texts).toEqual([null, null])
  })

  test.each<PlanRequest>([{ kind: 'restart', service: 'backend' }, { kind: 'clear-cache' }])(
    '%j is none: there is nothing to take back',
    async (request) => {
      const { problem, incident } = await done(request, one)
      expect(await problem(undo, incident)).toBe('nothing that plan 1 did can be taken back')
    },
  )

  test('a plan that was never carried out is none', async () => {
    const { problem, draft, incident } = await done()
    expect(draft.signatures).toEqual(TWO)
    expect(await problem({ kind: 'undo', plan: 2 }, incident)).toBe('plan 2 was never carried out')
  })
})
