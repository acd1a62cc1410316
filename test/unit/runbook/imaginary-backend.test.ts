import { afterEach, describe, expect, test } from 'vitest'
import { parseStartSubmission, startModal } from '../../../src/chat/forms/start-modal.ts'
import { incidentCan } from '../../../src/domain/incident/incident-can.ts'
import { surroundings, type Surroundings } from '../../support/engine-story.ts'
import {
  imaginaryMachine,
  registryWith,
  registryWithData,
} from '../../support/imaginary-backend.ts'
import { inChannel } from '../../support/in-channel.ts'
import { saidOn } from '../../support/rollback-story.ts'
import { dicts } from '../../support/slack/json.ts'
import { stateValues } from '../../support/slack/modal-values.ts'

/*
 * A way back over a backend that is none of the program's: nothing of it stands in src/. That all the
 * rest works for it shows that a new one needs no more than its folder and its line in the registry.
 */

let around: Surroundings | null = null
afterEach(() => {
  around?.end()
  around = null
})

function withMachine(options: Parameters<typeof registryWith>[1] = {}) {
  let machine: ReturnType<typeof imaginaryMachine> | null = null
  const story = surroundings({
    registry: (sandbox) => registryWith((machine = imaginaryMachine(sandbox)), options),
  })
  if (!machine) throw new Error('the registry was not asked for')
  around = story
  return {
    ...inChannel(story, ['docker']),
    story,
    machine: machine as ReturnType<typeof imaginaryMachine>,
  }
}

/** Assessed, declared, and planned by name. */
async function planned(people: ReturnType<typeof withMachine>): Promise<void> {
  await people.type('assess')
  await people.idle()
  await people.press('Declare incident', 'U0ANA')
  await people.idle()
  await people.type('plan docker')
  await people.until(({ plans }) => plans[0]?.plan != null)
}

async function signed(people: Pick<ReturnType<typeof withMachine>, 'press' | 'until'>, plan = 1) {
  await people.press('Approve', 'U0BO')
  await people.until(({ plans }) => plans[plan - 1]?.approvals.length === 1)
  await people.press('Approve', 'U0CY')
}

describe('a way back over another backend', () => {
  test('is offered, planned, waited for, carried out, watched, told to the world and undone', async () => {
    const people = withMachine()
    const { machine, story } = people
    await people.type('assess')
    await people.idle()
    const { assessment } = await people.incident()
    expect(assessment?.procedures).toContainEqual(
      expect.objectContaining({ name: 'docker', feasible: true, to: 'v1.9.0' }),
    )
    expect(assessment?.recommended).toBe('docker')
    expect(saidOn('assessment-card', story)).toContain('docker')

    await people.press('Declare incident', 'U0ANA')
    await people.idle()
    await people.type('plan docker')
    await people.says('plan-1', /Pull 2 images of v1\.9\.0: pulling backend v1\.9\.0 ▱+ 0 %/)
    const [asked] = (await people.incident()).plans
    expect(asked?.plan).toMatchObject({
      title: 'containers back to v1.9.0',
      targets: ['production: machine one'],
      signatures: [{ count: 2, from: 'approvers' }],
    })

    await signed(people)
    await people.says('headline', /signed, waiting for what it needs: pulling backend/)
    expect(machine.containers.get('backend')?.version).toBe('v2.0.0')
    const progress: string[] = []
    machine.meanwhile = async () => {
      progress.push(saidOn('run-1', story))
    }
    machine.letPull()
    await people.idle()

    expect([...machine.containers.values()].map(({ version }) => version)).toEqual([
      'v1.9.0',
      'v1.9.0',
    ])
    expect(machine.reloads).toBe(1)
    expect(progress.join()).toMatch(/1 of 2 containers run ▰▰▰▰▰▱▱▱▱▱ 50 %/)
    const ran = await people.incident()
    expect(ran.plans[0]?.run?.ended?.outcome).toBe('succeeded')
    expect(saidOn('headline', story)).toContain('*Procedure:* docker')
    expect(saidOn('status-page', story)).toContain('Rollback initiated')
    expect(saidOn('status-page', story)).toContain('Rollback completed')

    expect(ran.watch).toMatchObject({ plan: 1, ended: null })
    await people.watchFor(250)
    expect((await people.incident()).watch?.state).toBe('stable')
    expect(saidOn('status-page', story)).toContain('All systems operational')

    expect(incidentCan.undo(await people.incident(), 1)).toBe(true)
    expect(incidentCan.plan(await people.incident(), { kind: 'docker', toVersion: null })).toBe(
      true,
    )
    await people.type('undo')
    await people.idle()
    await signed(people, 2)
    await people.idle()
    const undone = (await people.incident()).plans[1]
    expect(undone?.run?.ended?.outcome).toBe('succeeded')
    expect(undone?.plan?.steps.map(({ id }) => id)).toEqual([
      'recreate-containers',
      'reload-proxy',
      'prove-services',
    ])
    expect(machine.containers.get('frontend')?.version).toBe('v2.0.0')
    expect(machine.reloads).toBe(2)
  })

  test('is chosen in the form, which plans it at once', async () => {
    const people = withMachine()
    people.machine.letPull()
    const offered = { services: ['backend', 'frontend'], procedures: ['docker' as const] }
    const form = startModal({ ...offered, prefill: {}, metadata: '{}' })
    const submitted = parseStartSubmission(
      stateValues(dicts(form.blocks), {
        description: 'Login fails',
        procedure: 'docker',
        version: 'v1.9.0',
      }),
      offered,
    )
    if ('errors' in submitted) throw new Error(JSON.stringify(submitted.errors))
    await people.deliver(null, { kind: 'start', ...submitted }, 'U0ANA')
    await people.idle()
    const { plans, declared } = await people.incident()
    expect(declared?.title).toBe('Login fails')
    expect(plans[0]).toMatchObject({
      request: { kind: 'docker', toVersion: 'v1.9.0' },
      plan: { title: 'containers back to v1.9.0' },
      preparation: { ok: true, says: '2 images are here' },
    })
  })

  test('stopped while it writes, finishes that step and begins no other', async () => {
    const people = withMachine()
    const { machine } = people
    machine.letPull()
    await planned(people)
    let stopped = false
    machine.meanwhile = async () => {
      if (stopped) return
      stopped = true
      await people.press('Stop after this step', 'U0BO')
    }
    await signed(people)
    await people.idle()
    const [state] = (await people.incident()).plans
    expect(state?.run?.ended?.outcome).toBe('aborted')
    expect(state?.run?.steps.map(({ kind }) => kind)).toEqual(['succeeded', 'pending', 'pending'])
    expect(machine.reloads).toBe(0)
    expect(incidentCan.undo(await people.incident(), 1)).toBe(true)
  })

  test('begins no step after the time that was signed, which its card says before', async () => {
    const finish = { withinMs: 60_000, safeStop: 'the old containers go on' }
    const people = withMachine({ finish })
    const { machine, story } = people
    machine.letPull()
    await planned(people)
    await people.says('plan-1', /Time limit:\* 1 min.*the old containers go on/)
    machine.meanwhile = async () => {
      story.pass(finish.withinMs)
    }
    await signed(people)
    await people.idle()
    const [state] = (await people.incident()).plans
    expect(state?.run?.ended).toMatchObject({
      outcome: 'out-of-time',
      says: expect.stringContaining('the old containers go on'),
    })
    expect(state?.run?.steps[1]?.kind).toBe('pending')
    expect(machine.reloads).toBe(0)
  })
})

test('a way back that changes data waits for somebody who owns it', async () => {
  const restored: string[] = []
  const story = surroundings({
    dataOwners: ['U0DBA'],
    registry: () => registryWithData(restored),
  })
  around = story
  const people = inChannel(story, ['full'])
  await people.type('plan full')
  await people.idle()
  const [asked] = (await people.incident()).plans
  expect(asked?.plan?.signatures).toEqual([
    { count: 2, from: 'approvers' },
    { count: 1, from: 'data-owners' },
  ])
  await signed(people)
  await people.idle()
  expect((await people.incident()).plans[0]?.run).toBeNull()
  expect(restored).toEqual([])
  expect(saidOn('plan-1', story)).toMatch(/Asked to sign: <!subteam\^S0DATA>/)

  await people.press('Approve', 'U0DBA')
  await people.idle()
  expect(restored).toEqual(['dump-7'])
  expect((await people.incident()).plans[0]?.run?.ended?.outcome).toBe('succeeded')
})
