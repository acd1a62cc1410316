import { describe, expect, test } from 'vitest'
import { patience } from '../../support/contracts/outside.ts'
import { inSandbox, look, settings, stepIn, type Sandbox } from './in-sandbox.ts'

describe('clear-cache', () => {
  test('removes what is in scope, and nothing that is protected or another’s', async () => {
    const sandbox = inSandbox()
    await sandbox.carryOut(await stepIn(sandbox, 'clear-cache'))
    const left = async (...prefixes: string[]) =>
      (await sandbox.cache.count({ prefixes, protectedPrefixes: [] }, patience())).keys
    expect(await left('cache:user:', 'cache:page:')).toBe(0)
    expect(await left('cache:tags:')).toBe(12)
    expect(await left('sess:')).toBe(60)
    expect(await left('bull:')).toBe(22)
  })

  test('is blocked when another Redis answers', async () => {
    const sandbox = inSandbox()
    const { steps } = await sandbox.drafted({ kind: 'clear-cache' })
    const [step] = steps
    const other = { ...step!, input: { ...(step!.input as object), cache: 'redis.other:6379/0' } }
    expect(await look(sandbox, sandbox.runbook.bind(other))).toMatchObject({
      kind: 'blocked',
      says: 'another Redis answers now: redis.sandbox:6379/0, not redis.other:6379/0',
    })
  })

  test('takes no empty prefix: that would be every key', async () => {
    const sandbox = inSandbox()
    const input = {
      cache: 'redis.sandbox:6379/0',
      scope: { prefixes: [''], protectedPrefixes: [] },
    }
    expect(() => sandbox.runbook.bind({ id: 'clear-cache', title: '', input })).toThrow()
  })
})

describe('prove-services', () => {
  test('finds nothing to do, and changes nothing', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'prove-services')
    expect(await look(sandbox, step)).toMatchObject({ kind: 'done', begun: false })
    expect(step.onUndo?.kind).toBe('prove')
  })

  test('is proved when every service is healthy and tells the version that was wanted', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'prove-services')
    expect(await step.verify(sandbox.context())).toEqual({
      kind: 'not-yet',
      says: 'backend: tells v2.0.0, not v1.9.0; frontend: tells v2.0.0, not v1.9.0',
    })
    await sandbox.carryOut(await stepIn(sandbox, 'restore-revisions'))
    expect(await step.verify(sandbox.context())).toEqual({
      kind: 'verified',
      says: 'backend: healthy, runs v1.9.0; frontend: healthy, runs v1.9.0',
    })
  })

  test.each([
    ['204 is any 2xx', [204, ''], '{"version":"v1.9.0"}', 'verified', 'healthy, runs v1.9.0'],
    ['503 is not', [503, ''], '{"version":"v1.9.0"}', 'not-yet', 'health is HTTP 503'],
    ['without its v', [200, ''], '{"version":"1.9.0"}', 'verified', 'healthy, runs 1.9.0'],
    ['with its build', [200, ''], '{"version":"1.9.0+3f2a"}', 'verified', 'runs 1.9.0+3f2a'],
    ['another one', [200, ''], '{"version":"2.0.0"}', 'not-yet', 'tells 2.0.0, not v1.9.0'],
    ['a page of another kind', [200, ''], '<html>', 'verified', 'tells no version'],
    ['no such page', [200, ''], 404, 'verified', 'tells no version: its version page answers HTTP'],
    ['no such page, and ill', [500, ''], 404, 'not-yet', 'health is HTTP 500'],
  ] as const)('judges the pages as everybody does: %s', async (_, health, page, kind, says) => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'prove-services')
    const ask = async ({ url }: { readonly url: string }) => {
      const [status, body] = !url.includes('version')
        ? health
        : typeof page === 'number'
          ? ([page, 'not found'] as const)
          : ([200, page] as const)
      return { status, body, contentType: '', truncated: false }
    }
    const context = sandbox.context()
    const found = await step.verify({ ...context, world: { ...context.world, endpoints: { ask } } })
    expect(found).toMatchObject({ kind, says: expect.stringContaining(says) })
  })

  test('takes the answers that the settings call healthy, and no other', async () => {
    const services = settings.services.map((one) => ({ ...one, healthyStatuses: [418] }))
    const step = await stepIn(inSandbox({ services }), 'prove-services')
    const sandbox = inSandbox()
    const asked = (status: number) => {
      const ask = async () => ({ status, body: '', contentType: '', truncated: false })
      const context = sandbox.context()
      return step.verify({ ...context, world: { ...context.world, endpoints: { ask } } })
    }
    expect((await asked(418)).kind).toBe('verified')
    expect((await asked(200)).kind).toBe('not-yet')
  })

  test('takes silence for no proof (J10)', async () => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'prove-services')
    sandbox.change({ services: 'refusing' })
    expect(await step.verify(sandbox.context())).toMatchObject({
      kind: 'not-yet',
      says: 'backend: connection refused; frontend: connection refused',
    })
  })
})

describe('set-maintenance', () => {
  const { key, messageKey, message } = settings.maintenance
  const change = (sandbox: Sandbox, name: string, from: string | null, to: string | null) =>
    sandbox.cache.changeTexts([{ key: name, from, to }], patience())

  test('sets both keys, and takes both away', async () => {
    const sandbox = inSandbox()
    await sandbox.carryOut(await stepIn(sandbox, 'set-maintenance'))
    expect((await sandbox.standing()).texts).toEqual(['true', message])
    await sandbox.carryOut(await sandbox.stepOf({ kind: 'maintenance', on: false }))
    expect((await sandbox.standing()).texts).toEqual([null, null])
  })

  test.each([
    ['the switch', key],
    ['the message', messageKey],
  ])('is blocked when somebody else set %s meanwhile', async (_what, name) => {
    const sandbox = inSandbox()
    const step = await stepIn(sandbox, 'set-maintenance')
    await change(sandbox, name, null, 'set by hand')
    expect(await look(sandbox, step)).toEqual({
      kind: 'blocked',
      begun: 'no-mark',
      says: 'somebody else changed the maintenance keys',
    })
  })

  test('is proved by a page where one is configured, and not without it', async () => {
    const proof = { url: 'http://backend.test/health', status: 503 }
    const sandbox = inSandbox({ maintenance: { ...settings.maintenance, proof } })
    const { proof: told } = await sandbox.carryOut(await stepIn(sandbox, 'set-maintenance'))
    expect(told).toEqual({
      kind: 'not-yet',
      says: 'the keys say on, but http://backend.test/health answers 200',
    })
  })

  test('says that nothing but the keys was looked at where no page is configured', async () => {
    const sandbox = inSandbox()
    const { proof } = await sandbox.carryOut(await stepIn(sandbox, 'set-maintenance'))
    expect(proof.says).toBe('the keys say on; no page is configured to prove it')
  })
})
