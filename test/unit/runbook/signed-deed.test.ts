import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { describe, expect, test } from 'vitest'
import { Draft } from '../../../src/domain/plan/plan.ts'
import { patience } from '../../support/contracts/outside.ts'
import { rollback } from '../../support/plan-story.ts'
import { digestOf, inSandbox, settings, type Sandbox } from './in-sandbox.ts'

const scaleDown: PlanRequest = { kind: 'scale-down', service: 'backend' }
const restart: PlanRequest = { kind: 'restart', service: 'backend' }
const clearCache: PlanRequest = { kind: 'clear-cache' }
const maintenanceOn: PlanRequest = { kind: 'maintenance', on: true }

type Change = (sandbox: Sandbox) => void | Promise<unknown>

const everyRequest = [rollback, scaleDown, restart, clearCache, maintenanceOn]

describe('what is signed', () => {
  test.each(everyRequest)(
    'stays the same for hours while nobody touches anything: %j',
    async (request) => {
      const sandbox = inSandbox()
      const digests = new Set<string>()
      for (let hour = 0; hour < 12; hour += 1) {
        digests.add(digestOf(await sandbox.drafted(request)))
        sandbox.pass(3_607)
      }
      expect(digests.size).toBe(1)
    },
  )

  test('is the same whatever is said of it: the number of keys is noise', async () => {
    const sandbox = inSandbox()
    const before = await sandbox.drafted(clearCache)
    await sandbox.cache.clear({ prefixes: ['cache:user:1'], protectedPrefixes: [] }, patience())
    const now = await sandbox.drafted(clearCache)
    expect(now.lost).not.toBe(before.lost)
    expect(digestOf(now)).toBe(digestOf(before))
  })

  test.each<[string, PlanRequest, Change]>([
    ['somebody deploys', rollback, ({ others }) => others.deploy('backend', 'v2.0.1')],
    ['somebody deploys', restart, ({ others }) => others.deploy('backend', 'v2.0.1')],
    [
      'the target is deleted',
      rollback,
      ({ others }) => others.removeRevision('frontend', 'v1.9.0'),
    ],
    [
      'somebody edits what the target holds',
      rollback,
      ({ others }) => others.editRevision('frontend', 'v1.9.0'),
    ],
    ['somebody pauses', rollback, ({ others }) => others.set('backend', { paused: true })],
    ['somebody scales', scaleDown, ({ others }) => others.scale('backend', 5)],
    [
      'somebody writes the keys',
      maintenanceOn,
      ({ cache }) =>
        cache.changeTexts(
          [{ key: settings.maintenance.messageKey, from: null, to: 'by hand' }],
          patience(),
        ),
    ],
  ])('is something else, or nothing, when %s: %j', async (_what, request, change) => {
    const sandbox = inSandbox()
    const before = digestOf(await sandbox.drafted(request))
    await change(sandbox)
    const now = await sandbox.resolve(request)
    expect(now.kind === 'feasible' ? digestOf(now.draft) : null).not.toBe(before)
  })

  test('of any procedure is different from that of every other', async () => {
    const sandbox = inSandbox()
    const digests = await Promise.all(
      everyRequest.map(async (one) => digestOf(await sandbox.drafted(one))),
    )
    expect(new Set(digests).size).toBe(everyRequest.length)
  })

  test('can be journaled and read back as it was', async () => {
    const sandbox = inSandbox()
    for (const request of everyRequest) {
      const draft = await sandbox.drafted(request)
      const kept = Draft.parse(JSON.parse(JSON.stringify(draft)))
      expect(kept).toEqual(draft)
      expect(digestOf(kept)).toBe(digestOf(draft))
    }
  })
})
