import { describe, expect, test } from 'vitest'
import { patience } from '../../support/contracts/outside.ts'
import { inSandbox, KEY, look, stepIn, toApply, type Sandbox } from './in-sandbox.ts'

describe('restore-revisions', () => {
  const restore = (sandbox: Sandbox) => stepIn(sandbox, 'restore-revisions')

  test('is not proved before the last pod of the other version is gone', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    await (await toApply(sandbox, step)).apply(sandbox.context())
    sandbox.pass(3)
    const proof = await step.verify(sandbox.context())
    expect(proof).toMatchObject({ kind: 'not-yet' })
    expect(proof.says).toMatch(/backend: \d of 3 pods ready, \d other pods? still there/)
  })

  test('after half of it was written goes on with the other half only', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    const seen = await sandbox.releaseOf('backend')
    const change = { kind: 'template', to: seen.previous[0]! } as const
    const options = { key: KEY, cause: 'a test', dryRun: false, signal: patience() }
    await sandbox.deployments.write({ seen, change }, options)
    const { generation } = await sandbox.releaseOf('backend')
    const found = await toApply(sandbox, step)
    expect(found.begun).toBe(true)
    expect(await found.apply(sandbox.context())).toEqual({ kind: 'written' })
    expect((await sandbox.releaseOf('backend')).generation).toBe(generation)
    expect((await sandbox.releaseOf('frontend')).current?.images).toEqual([
      'pipeshub/frontend:v1.9.0',
    ])
  })

  test('looks again when one of its writes was refused because the target had changed', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    const found = await toApply(sandbox, step)
    sandbox.others.scale('frontend', 4)
    expect(await found.apply(sandbox.context())).toEqual({ kind: 'look-again' })
    expect(await look(sandbox, step)).toMatchObject({ kind: 'needed', begun: true })
    expect(await sandbox.carryOut(step)).toMatchObject({ proof: { kind: 'verified' } })
  })

  test('is blocked when somebody deployed, and says what', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    sandbox.others.deploy('backend', 'v2.0.1')
    expect(await look(sandbox, step)).toEqual({
      kind: 'blocked',
      begun: false,
      says: 'backend: somebody deployed v2.0.1 meanwhile',
    })
  })

  test('is blocked when somebody deployed over half of its own work, and says that it began', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    await (await toApply(sandbox, step)).apply(sandbox.context())
    sandbox.others.deploy('frontend', 'v2.0.1')
    expect(await look(sandbox, step)).toMatchObject({ kind: 'blocked', begun: true })
  })

  test('is blocked when somebody put the bad version back over its own work', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    await (await toApply(sandbox, step)).apply(sandbox.context())
    sandbox.others.deploy('backend', 'v2.0.0')
    expect(await look(sandbox, step)).toMatchObject({ kind: 'blocked', begun: true })
  })

  test('is blocked when what it leads to was deleted', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    sandbox.others.removeRevision('frontend', 'v1.9.0')
    expect(await look(sandbox, step)).toMatchObject({
      kind: 'blocked',
      says: 'frontend: revision 43 does not exist any more',
    })
  })

  test('is blocked when somebody edited what it leads to: that is not what was signed', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    sandbox.others.editRevision('frontend', 'v1.9.0')
    expect(await look(sandbox, step)).toMatchObject({
      kind: 'blocked',
      says: 'frontend: somebody has edited what revision 43 holds',
    })
  })

  test('has failed when the target’s image cannot be pulled, in the cluster’s own words', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    sandbox.change({ missingVersions: ['v1.9.0'] })
    const { proof } = await sandbox.carryOut(step)
    expect(proof).toMatchObject({ kind: 'failed' })
    expect(proof.says).toContain('backend: backend: ImagePullBackOff')
  })

  test('has failed when somebody deploys while it rolls out', async () => {
    const sandbox = inSandbox()
    const step = await restore(sandbox)
    await (await toApply(sandbox, step)).apply(sandbox.context())
    sandbox.others.deploy('backend', 'v2.0.1')
    expect(await step.verify(sandbox.context())).toEqual({
      kind: 'failed',
      says: 'backend: somebody deployed something else meanwhile',
    })
  })
})

describe('scale-workload', () => {
  test('is blocked when somebody scaled it meanwhile', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'scale-workload')
    sandbox.others.scale('backend', 5)
    expect(await look(sandbox, step)).toMatchObject({
      kind: 'blocked',
      says: 'backend: somebody scaled it to 5 meanwhile',
    })
  })

  test('is blocked when somebody scaled it back over its own work', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'scale-workload')
    await sandbox.carryOut(step)
    sandbox.others.scale('backend', 3)
    expect(await look(sandbox, step)).toMatchObject({ kind: 'blocked', begun: true })
  })

  test('is proved only when no pod is left', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'scale-workload')
    await (await toApply(sandbox, step)).apply(sandbox.context())
    expect(await step.verify(sandbox.context())).toMatchObject({ kind: 'not-yet' })
    sandbox.pass(10)
    expect(await step.verify(sandbox.context())).toEqual({
      kind: 'verified',
      says: 'backend: no pod runs, as it is scaled to 0',
    })
  })

  test('has failed when somebody scales while it waits for its proof', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'scale-workload')
    await (await toApply(sandbox, step)).apply(sandbox.context())
    sandbox.others.scale('backend', 2)
    expect((await step.verify(sandbox.context())).kind).toBe('failed')
  })
})

describe('restart-workload', () => {
  test('replaces every pod by one of the same images', async () => {
    const sandbox = inSandbox()
    const pods = async () =>
      (await sandbox.deployments.logs('backend', { tail: 1, signal: patience() })).map(
        ({ source }) => source,
      )
    const before = await pods()
    await sandbox.carryOut(await stepIn(sandbox, 'restart-workload'))
    const now = await pods()
    expect(now).toHaveLength(before.length)
    expect(now.filter((pod) => before.includes(pod))).toEqual([])
    expect((await sandbox.releaseOf('backend')).current?.images).toEqual([
      'pipeshub/backend:v2.0.0',
    ])
  })

  test('is blocked when somebody deployed meanwhile', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'restart-workload')
    sandbox.others.deploy('backend', 'v2.0.1')
    expect(await look(sandbox, step)).toMatchObject({ kind: 'blocked', begun: false })
  })
})
