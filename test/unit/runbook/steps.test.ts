import { describe, expect, test } from 'vitest'
import { REGISTRY } from '../../../src/runbook/registry.ts'
import { everyStep, inSandbox, look, stepIn, toApply, type Sandbox } from './in-sandbox.ts'

const writing = Object.keys(everyStep).filter((id) => id !== 'prove-services')
/** Those that leave their run's key at the target. */
const keyed = ['restore-revisions', 'scale-workload', 'restart-workload']

test('every step is tried here', () => {
  expect(Object.keys(everyStep).toSorted()).toEqual(REGISTRY.steps.map(({ id }) => id).toSorted())
})

describe.each(writing)('%s', (id) => {
  test('looks without touching anything, and finds itself needed', async () => {
    const sandbox = inSandbox()
    const before = await sandbox.standing()
    expect(await look(sandbox, await stepIn(sandbox, id))).toMatchObject({
      kind: 'needed',
      begun: keyed.includes(id) ? false : 'no-mark',
    })
    expect(await sandbox.standing()).toEqual(before)
  })

  test('rehearses without touching anything', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, id)
    const before = await sandbox.standing()
    const { kind } = await step.rehearse(sandbox.context(''))
    const asksTarget = [...keyed, 'suspend-owner', 'clear-cache']
    expect(kind).toBe(asksTarget.includes(id) ? 'accepted' : 'nothing-to-ask')
    expect(await sandbox.standing()).toEqual(before)
  })

  test('is carried out, proved, and then finds itself done', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, id)
    const before = await sandbox.standing()
    expect(await sandbox.carryOut(step)).toMatchObject({
      found: 'needed',
      proof: { kind: 'verified' },
    })
    expect(await sandbox.standing()).not.toEqual(before)
    expect(await look(sandbox, step)).toMatchObject({
      kind: 'done',
      begun: keyed.includes(id) ? true : 'no-mark',
    })
  })

  test('is harmless when what was seen before is applied once more, and finds itself done (J4, J5)', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, id)
    const [one, other] = [await toApply(sandbox, step), await toApply(sandbox, step)]
    expect(await one.apply(sandbox.context())).toEqual({ kind: 'written' })
    const after = await sandbox.standing()
    const second = await other.apply(sandbox.context())
    expect(second.kind).toBe(id === 'clear-cache' ? 'written' : 'look-again')
    expect(await sandbox.standing()).toEqual(after)
    expect(await sandbox.carryOut(step)).toMatchObject({
      found: 'done',
      proof: { kind: 'verified' },
    })
  })

  test('is harmless when two do it at once (J5)', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, id)
    const [one, other] = [await toApply(sandbox, step), await toApply(sandbox, step)]
    const both = await Promise.all([one, other].map(({ apply }) => apply(sandbox.context())))
    expect(both).toContainEqual({ kind: 'written' })
    expect(await sandbox.carryOut(step)).toMatchObject({ proof: { kind: 'verified' } })
  })

  test('is carried out again from its beginning without a second effect', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, id)
    await sandbox.carryOut(step)
    const after = await sandbox.standing()
    const again = await sandbox.carryOut(step)
    expect(again).toMatchObject({ found: 'done', proof: { kind: 'verified' } })
    expect(await sandbox.standing()).toEqual(after)
  })

  test('has an inverse that leads back, and whose inverse is the step itself', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, id)
    if (step.onUndo?.kind !== 'invert') {
      expect(['clear-cache', 'restart-workload']).toContain(id)
      return
    }
    const draft = await sandbox.drafted(everyStep[id]![0])
    const back = sandbox.runbook.bind(step.onUndo.step)
    expect(back.onUndo).toEqual({ kind: 'invert', step: draft.steps[everyStep[id]![1]] })
    const before = await sandbox.standing()
    await sandbox.carryOut(step)
    await sandbox.carryOut(back, 'i-1/plan-2')
    expect(asked(await sandbox.standing())).toEqual(asked(before))
  })
})

/** What is asked for, without what the counting of changes leaves. */
function asked({ releases, texts }: Awaited<ReturnType<Sandbox['standing']>>) {
  return {
    texts,
    releases: releases.map(({ uid, replicas, current }) => [uid, replicas, current?.uid]),
  }
}

describe.each(keyed)('%s', (id) => {
  test('knows its own run’s writing from that of another run', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, id)
    await sandbox.carryOut(step)
    expect(await look(sandbox, step)).toMatchObject({ kind: 'done', begun: true })
    const elsewhere = await look(sandbox, step, 'i-2/plan-1')
    expect(elsewhere.begun).toBe(false)
  })

  test('is blocked when the Deployment is not the one that was planned for', async () => {
    const sandbox = inSandbox()
    const draft = await sandbox.drafted(everyStep[id]![0])
    const planned = draft.steps[everyStep[id]![1]]!
    const other = JSON.parse(
      JSON.stringify(planned).replaceAll((await sandbox.releaseOf('backend')).uid, 'another-uid'),
    )
    const found = await look(sandbox, sandbox.runbook.bind(other))
    expect(await sandbox.runbook.bind(other).verify(sandbox.context())).toMatchObject({
      kind: 'failed',
      says: expect.stringContaining('backend: it was deleted and made anew'),
    })
    expect(found).toMatchObject({ kind: 'blocked', begun: false })
    expect(found).toMatchObject({ says: expect.stringMatching(/^backend: it was deleted/) })
  })
})

test('every step says what it will do in the words of the plan', async () => {
  const sandbox = inSandbox()
  const titles = await Promise.all(
    Object.keys(everyStep).map(async (id) => (await stepIn(sandbox, id)).title),
  )
  expect(titles).toEqual([
    'Return backend to v1.9.0, frontend to v1.9.0',
    'Clear the cache: every key that begins with cache:',
    'Prove that health and version are right: backend, frontend',
    'Scale backend from 3 to 0 replicas',
    'Restart backend',
    'Suspend KEDA scaled object production/queue',
    'Turn maintenance on',
  ])
})
