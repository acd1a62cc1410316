import { describe, expect, test } from 'vitest'
import { REGISTRY } from '../../../src/runbook/registry.ts'
import { patience } from '../../support/contracts/outside.ts'
import {
  everyStep,
  inSandbox,
  look,
  stepFrom,
  toApply,
  type AnySandbox,
  type Sandbox,
} from './in-sandbox.ts'
import { dataFor, everyStepOnData, type Data } from './on-data.ts'
import { everyStepOnFlags, flagsFor } from './on-flags.ts'
import { everyStepOnHosts, hostsFor, type Hosts } from './on-hosts.ts'

const steps = { ...everyStep, ...everyStepOnHosts, ...everyStepOnData, ...everyStepOnFlags }
/** These only look, or copy what is missing whenever they are asked. */
const otherwise = [
  'prove-services',
  'prove-application',
  'compare-data',
  'salvage-documents',
  'check-precondition',
  'read-flag-back',
]
const writing = Object.keys(steps).filter((id) => !otherwise.includes(id))
/** Those that leave their run's key at a Deployment. */
const keyedAtDeployments = [
  'restore-revisions',
  'scale-workload',
  'scale-workloads',
  'restart-workload',
  'set-variable',
  'set-config-map-key',
]
/** Those that leave it at their target, whatever that is. */
const keyed = [
  ...keyedAtDeployments,
  'swap-containers',
  'restore-beside',
  'copy-beside',
  'take-migration-back',
]
/** What was its own doing can be told from the target, whoever did it. */
const tellsBegun = [...keyed, 'switch-collections']
/** Where a look finds it done, so that it needs no other mark. */
const tellsDone = [...tellsBegun, 'back-up-data']
/** What they have begun goes on by itself for a while. */
const goOn = ['take-migration-back']
/** Those that do without what was seen before: they look again by themselves, or what they do is no other deed twice. */
const lookThemselves = [
  'clear-cache',
  'swap-containers',
  'run-containers',
  'remove-kept',
  'back-up-data',
]

/** The sandbox that a step is of. */
const sandboxOf = async (id: string): Promise<Sandbox | Hosts | Data> => {
  if (id in everyStepOnData) return dataFor(id)
  if (id in everyStepOnFlags) return flagsFor(id)
  return id in everyStep ? inSandbox() : hostsFor(id)
}
const stepIn = (sandbox: AnySandbox, id: string) => stepFrom(sandbox, steps[id]!)

/** Backout waits for people, and carries nothing out; what is purged is tried in `purge-caches.test.ts`. */
const triedElsewhere = ['people-do', 'purge-caches']

test('every other step is tried here', () => {
  const all = REGISTRY.steps.map(({ id }) => id).filter((id) => !triedElsewhere.includes(id))
  expect(Object.keys(steps).toSorted()).toEqual(all.toSorted())
})

describe.each(writing)('%s', (id) => {
  test('looks without touching anything, and finds itself needed', async () => {
    const sandbox = await sandboxOf(id)
    const before = await sandbox.standing()
    expect(await look(sandbox, await stepIn(sandbox, id))).toMatchObject({
      kind: 'needed',
      begun: tellsBegun.includes(id) ? false : 'no-mark',
    })
    expect(await sandbox.standing()).toEqual(before)
  })

  test('rehearses without touching anything', async () => {
    const sandbox = await sandboxOf(id)
    const step = await stepIn(sandbox, id)
    const before = await sandbox.standing()
    const { kind } = await step.rehearse(sandbox.context(''))
    const asksTarget = [
      ...keyedAtDeployments,
      'swap-containers',
      'suspend-owner',
      'clear-cache',
      'take-migration-back',
    ]
    expect(kind).toBe(asksTarget.includes(id) ? 'accepted' : 'nothing-to-ask')
    expect(await sandbox.standing()).toEqual(before)
  })

  test('is carried out, proved, and then finds itself done', async () => {
    const sandbox = await sandboxOf(id)
    const step = await stepIn(sandbox, id)
    const before = await sandbox.standing()
    expect(await sandbox.carryOut(step)).toMatchObject({
      found: 'needed',
      proof: { kind: 'verified' },
    })
    expect(await sandbox.standing()).not.toEqual(before)
    expect(await look(sandbox, step)).toMatchObject({
      kind: 'done',
      begun: tellsDone.includes(id) ? true : 'no-mark',
    })
  })

  test('is harmless when what was seen before is applied once more, and finds itself done (J4, J5)', async () => {
    const sandbox = await sandboxOf(id)
    const step = await stepIn(sandbox, id)
    const [one, other] = [await toApply(sandbox, step), await toApply(sandbox, step)]
    expect(await one.apply(sandbox.context())).toMatchObject({ kind: 'written' })
    const after = await sandbox.standing()
    const second = await other.apply(sandbox.context())
    expect(second.kind).toBe(lookThemselves.includes(id) ? 'written' : 'look-again')
    expect(await sandbox.standing()).toEqual(after)
    expect(await sandbox.carryOut(step)).toMatchObject({
      found: goOn.includes(id) ? 'needed' : 'done',
      proof: { kind: 'verified' },
    })
  })

  test('is harmless when two do it at once (J5)', async () => {
    const sandbox = await sandboxOf(id)
    const step = await stepIn(sandbox, id)
    const [one, other] = [await toApply(sandbox, step), await toApply(sandbox, step)]
    const both = await Promise.all([one, other].map(({ apply }) => apply(sandbox.context())))
    expect(both.map(({ kind }) => kind)).toContain('written')
    expect(await sandbox.carryOut(step)).toMatchObject({ proof: { kind: 'verified' } })
  })

  test('is carried out again from its beginning without a second effect', async () => {
    const sandbox = await sandboxOf(id)
    const step = await stepIn(sandbox, id)
    await sandbox.carryOut(step)
    const after = await sandbox.standing()
    const again = await sandbox.carryOut(step)
    expect(again).toMatchObject({ found: 'done', proof: { kind: 'verified' } })
    expect(await sandbox.standing()).toEqual(after)
  })

  test('has an inverse that leads back, and whose inverse is the step itself', async () => {
    const sandbox = await sandboxOf(id)
    const step = await stepIn(sandbox, id)
    if (step.onUndo?.kind !== 'invert') {
      const leaving = [
        'clear-cache',
        'restart-workload',
        'restart-containers',
        'remove-kept',
        'back-up-data',
        'restore-beside',
        'drop-kept-data',
        'copy-beside',
        'take-migration-back',
      ]
      expect(leaving).toContain(id)
      return
    }
    const [request, index] = steps[id]!
    const draft = await sandbox.drafted(request)
    const back = sandbox.runbook.bind(step.onUndo.step)
    const { meanwhile: _, ...deed } = draft.steps[index]!
    const again = { kind: 'invert', step: deed }
    // Whose place containers take that are not made yet is only known once they are.
    // Nor is what was written since a comparison counted for another question.
    if (!['swap-containers', 'switch-collections'].includes(id)) expect(back.onUndo).toEqual(again)
    else expect(back.onUndo).toMatchObject({ step: { title: draft.steps[index]?.title } })
    const before = await sandbox.standing()
    await sandbox.carryOut(step)
    await sandbox.carryOut(back, 'i-1/plan-2')
    // New pods are of another revision, which says the same.
    const told = id === 'set-config-map-key' ? sayingTheSame : asked
    expect(told(await sandbox.standing())).toEqual(told(before))
  })
})

/** What is asked for, without what the counting of changes leaves. */
function asked(standing: Awaited<ReturnType<(Sandbox | Hosts | Data)['standing']>>) {
  if ('data' in standing) return standing
  if ('containers' in standing) {
    const serving = standing.containers.filter(({ role }) => role === 'serving')
    return serving
      .map(({ host, name, image, sha256, state, restartPolicy }) => {
        return [host, name, image.reference, sha256, state, restartPolicy].join(' ')
      })
      .toSorted()
  }
  const { releases, texts } = standing
  return {
    texts,
    releases: releases.map(({ uid, replicas, current }) => [uid, replicas, current?.uid]),
  }
}

function sayingTheSame(standing: Awaited<ReturnType<(Sandbox | Hosts | Data)['standing']>>) {
  if (!('releases' in standing)) return standing
  return {
    values: standing.values.map((one) => [one?.uid, one?.value]),
    releases: standing.releases.map(({ uid, current }) => [uid, current?.content]),
  }
}

describe.each(keyed)('%s', (id) => {
  test('knows its own run’s writing from that of another run', async () => {
    const sandbox = await sandboxOf(id)
    const step = await stepIn(sandbox, id)
    await sandbox.carryOut(step)
    expect(await look(sandbox, step)).toMatchObject({ kind: 'done', begun: true })
    const elsewhere = await look(sandbox, step, 'i-2/plan-1')
    expect(elsewhere.begun).toBe(false)
  })
})

describe.each(keyedAtDeployments)('%s', (id) => {
  test('is blocked when the Deployment is not the one that was planned for', async () => {
    const sandbox = await sandboxOf(id)
    const draft = await sandbox.drafted(steps[id]![0])
    const planned = draft.steps[steps[id]![1]]!
    const [backend] = (await sandbox.world.deployments?.releases(['backend'], patience())) ?? []
    const other = JSON.parse(JSON.stringify(planned).replaceAll(backend!.uid, 'another-uid'))
    const found = await look(sandbox, sandbox.runbook.bind(other))
    expect(await sandbox.runbook.bind(other).verify(sandbox.context())).toMatchObject({
      kind: 'failed',
      says: expect.stringContaining('backend: it was deleted and made anew'),
    })
    expect(found).toMatchObject({ kind: 'blocked', begun: false })
    expect(found).toMatchObject({ says: expect.stringMatching(/^backend: it was deleted/) })
  })
})

test.each(Object.keys(steps))(
  '%s says what a stop leaves of it, exactly where a stop does not wait until it is finished',
  async (id) => {
    const { onAbort, whenStopped } = await stepIn(await sandboxOf(id), id)
    expect(whenStopped !== null).toBe(onAbort === 'interrupt')
  },
)

test('what one step keeps for a way back another removes, in the same words', async () => {
  const all = await Promise.all(
    Object.keys(steps).map(async (id) => stepIn(await sandboxOf(id), id)),
  )
  const keeping = all.flatMap(({ id, keeps }) => (keeps === null ? [] : [id]))
  expect(keeping.toSorted()).toEqual([
    'copy-beside',
    'restore-beside',
    'swap-containers',
    'switch-collections',
  ])
  const kept = new Set(all.flatMap(({ keeps }) => keeps ?? []))
  expect(kept).toEqual(new Set(all.flatMap(({ removesKept }) => removesKept ?? [])))
})

test('every step says what it will do in the words of the plan', async () => {
  const titles = await Promise.all(
    Object.keys(steps).map(async (id) => (await stepIn(await sandboxOf(id), id)).title),
  )
  expect(titles).toEqual([
    'Return backend to v1.9.0, frontend to v1.9.0',
    'Clear the cache: every key that begins with cache:',
    'Prove that health and version are right: backend, frontend',
    'Scale backend from 3 to 0 replicas',
    'Restart backend',
    'Suspend KEDA scaled object production/queue',
    'Turn maintenance on',
    'Return backend to v1.9.0, frontend to v1.9.0',
    'Stop pipeshub-backend-1 on shop-1',
    'Restart backend: pipeshub-backend-1 on shop-1',
    expect.stringMatching(
      /^Remove pipeshub-backend-1-kept-[0-9a-f]{12} on shop-1, pipeshub-frontend-1-kept-\S+ on shop-1, backout-kept\/\S+ on shop-1, backout-kept\/\S+ on shop-1$/,
    ),
    'Make a backup of the database es',
    'Restore projects, organizations of es-20261122-0000 beside the live data',
    'Count what has been written since the backup',
    'Scale backend from 3 to 0 replicas',
    'Switch projects, organizations',
    'Prove through the application: File uploads work',
    'Copy users, documents, migrations beside, where migrations says that the migration is applied',
    'Run node migrations/002-tenants.js down once, where migrations says that the migration is applied',
    'Copy back into projects, organizations what is only in what was set aside',
    'Remove __rb_i-1_p1_new__projects, __rb_i-1_p1_new__organizations',
    'Check once more that MULTI_TENANT_ENABLED may be switched',
    'Set MULTI_TENANT_ENABLED of backend to "false"',
    'Set MULTI_TENANT_ENABLED of ConfigMap general-5hch2k to "false", and restart backend',
    'Set flag MULTI_TENANT_ENABLED of production in Unleash to "off"',
    'Read MULTI_TENANT_ENABLED back from every instance of backend',
  ])
})
