import { describe, expect, test } from 'vitest'
import type { PlannedStep } from '../../../src/domain/plan/plan.ts'
import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { Fault } from '../../../src/domain/base/fault.ts'
import { writeContextOn } from './write-context.ts'
import type { Containers } from '../../../src/ports/containers.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import type { Production } from '../../../src/sandbox/production.ts'
import type { ScenarioName } from '../../../src/sandbox/scenario.ts'
import { sandboxWorld, type SandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs, declared, incidentAfter, opened } from '../../support/builders.ts'
import { patience } from '../../support/contracts/outside.ts'
import { assessSettings, runbookSettingsOf } from '../../support/contracts/settings.ts'

const services = ['backend', 'frontend']
const rollback: PlanRequest = { kind: 'docker', toVersion: null }

/** The runbook over two simulated hosts, and a clock that goes on a second with each turn of a step. */
function onHosts(scenario: ScenarioName, changes: Partial<Production> = {}) {
  let nowMs = atMs
  const sandbox = sandboxWorld({
    scenario,
    clock: { now: () => nowMs },
    settings: assessSettings,
    platform: 'docker',
    placement: { 'web-1': services, 'web-2': ['backend'] },
    slowestMs: 0,
  })
  sandbox.change(changes)
  const { world } = sandbox
  const { containers, metrics } = world
  if (!containers || !metrics) throw new Error('the sandbox has these')
  const docker = { services, releaseWindowMs: 1_800_000, readyWithinMs: 60_000, settleMs: 5_000 }
  const settings = { ...runbookSettingsOf(assessSettings), kubernetes: null, docker }
  const runbook = runbookOver(world, settings)
  let calls = 0
  let breaking: Breaking | null = null
  const fails = (kind: 'retryable' | 'unknown-outcome') =>
    new Fault({ kind, dependency: 'docker', detail: 'the connection broke' })
  const breakable: Containers = {
    ...containers,
    async write(write, signal) {
      calls += 1
      const isNow = breaking?.call === calls
      if (isNow && breaking?.when === 'before') throw fails('retryable')
      const answer = await containers.write(write, signal)
      if (isNow && breaking?.hand) {
        breaking.hand(sandbox.onHosts)
        return answer
      }
      if (isNow) throw fails('unknown-outcome')
      return answer
    },
  }
  const contextOf = (key: string) => writeContextOn({ ...world, containers: breakable }, key)
  const number = async (query: string): Promise<number> => {
    const answer = await metrics.instant(query, { signal: patience() })
    if (answer.kind !== 'value') throw new Error(`${query} is ${answer.kind}`)
    return answer.value
  }

  /** Turn after turn; how it ended, in the words of the step. */
  const carryOut = async (planned: PlannedStep, key = 'i-1/plan-1'): Promise<string> => {
    const step = runbook.bind(planned)
    const context = contextOf(key)
    for (let turn = 0; turn < 200; turn += 1) {
      const found = await step.inspect(context)
      if (found.kind === 'blocked') return `blocked: ${found.says}`
      const applied = found.kind === 'needed' ? await found.apply(context).catch(ifBroken) : null
      if (applied?.kind === 'refused') return `refused: ${applied.says}`
      const proof = await step.verify(context)
      if (proof.kind !== 'not-yet') return `${proof.kind}: ${proof.says}`
      nowMs += 1_000
    }
    throw new Error('it never ended')
  }

  return {
    ...sandbox,
    runbook,
    contextOf,
    carryOut,
    /** The writes from here on are counted anew; one of them breaks. */
    break(next: Breaking | null): number {
      const before = calls
      calls = 0
      breaking = next
      return before
    },
    async stepsOf(request: PlanRequest): Promise<readonly PlannedStep[]> {
      const resolved = await runbook.resolve(request, incidentAfter(opened, declared), patience())
      if (resolved.kind === 'infeasible') throw new Error(resolved.because)
      return resolved.draft.steps
    },
    /** What stands on the hosts, the ids of others left out. */
    async standing(): Promise<readonly string[]> {
      const seen = await containers.sightings(services, patience())
      return seen.map(({ host, name, role, state, health, image }) =>
        [host, name.replace(/-[0-9a-f]{12}$/, ''), role, state, health, image.reference].join(' '),
      )
    },
    errorShare: async () =>
      (await number(assessSettings.metrics.errors)) /
      (await number(assessSettings.metrics.traffic)),
  }
}

/** One of the writes, from 1 on: it is not sent, or its reply is lost, or somebody else acts after it. */
type Breaking = {
  readonly call: number
  readonly when: 'before' | 'after'
  readonly hand?: (hands: SandboxWorld['onHosts']) => void
}

const ifBroken = (error: unknown): null => {
  if (error instanceof Fault) return null
  throw error
}

const serving = (host: string, service: string, version: string) =>
  `${host} pipeshub-${service}-1 serving running healthy pipeshub/${service}:${version}`
const kept = (host: string, service: string, version: string, as = 'kept') =>
  `${host} pipeshub-${service}-1-${as} kept created none pipeshub/${service}:${version}`
const places = [
  ['web-1', 'backend'],
  ['web-2', 'backend'],
  ['web-1', 'frontend'],
] as const

describe('a rollback of containers, step by step over simulated hosts', () => {
  test.each(['errors-62', 'complete-outage'] as const)('ends a bad release: %s', async (name) => {
    const stage = onHosts(name)
    const said: string[] = []
    for (const step of await stage.stepsOf(rollback)) said.push(await stage.carryOut(step))
    expect(said).toEqual([
      'verified: backend runs v1.9.0 on web-1; backend runs v1.9.0 on web-2; frontend runs v1.9.0 on web-1',
      expect.stringMatching(/^verified: /),
      'verified: backend: healthy, runs v1.9.0; frontend: healthy, runs v1.9.0',
    ])
    const wanted = places.flatMap(([host, service]) => [
      serving(host, service, 'v1.9.0'),
      kept(host, service, 'v2.0.0'),
    ])
    expect(await stage.standing()).toEqual(wanted)
    expect(await stage.errorShare()).toBeLessThan(0.01)
  })

  test('is taken back by its undo, from what was kept', async () => {
    const stage = onHosts('errors-62')
    const [swap] = await stage.stepsOf(rollback)
    await stage.carryOut(swap!)
    const { onUndo } = stage.runbook.bind(swap!)
    if (onUndo?.kind !== 'invert') throw new Error('a swap is inverted')
    expect(await stage.carryOut(onUndo.step, 'i-1/plan-2')).toMatch(/^verified: /)
    const now = await stage.standing()
    const wanted = places.map(([host, service]) => serving(host, service, 'v2.0.0'))
    expect(now.filter((one) => one.includes(' serving '))).toEqual(wanted)
    expect(await stage.errorShare()).toBeCloseTo(0.62)
  })

  test('is taken back also where somebody prunes what was kept on the way', async () => {
    const stage = onHosts('errors-62')
    const [swap] = await stage.stepsOf(rollback)
    await stage.carryOut(swap!)
    const { onUndo } = stage.runbook.bind(swap!)
    if (onUndo?.kind !== 'invert') throw new Error('a swap is inverted')
    const undo = stage.runbook.bind(onUndo.step)
    const context = stage.contextOf('i-1/plan-2')
    const found = await undo.inspect(context)
    if (found.kind !== 'needed') throw new Error('it is needed')
    expect(await found.apply(context)).toEqual({ kind: 'written' })
    stage.onHosts.prune()
    expect(await stage.carryOut(onUndo.step, 'i-1/plan-2')).toMatch(/^verified: /)
    const now = await stage.standing()
    expect(now.filter((one) => one.includes(' serving '))).toEqual(
      places.map(([host, service]) => serving(host, service, 'v2.0.0')),
    )
  })

  test('finds nothing to undo where somebody has made the newer ones anew: what stands is what is wanted', async () => {
    const stage = onHosts('errors-62')
    const [swap] = await stage.stepsOf(rollback)
    await stage.carryOut(swap!)
    const { onUndo } = stage.runbook.bind(swap!)
    if (onUndo?.kind !== 'invert') throw new Error('a swap is inverted')
    for (const service of services) stage.onHosts.composeUp(service)
    const undo = stage.runbook.bind(onUndo.step)
    const proof = await undo.verify(stage.contextOf('i-1/plan-2'))
    expect(proof.kind).toBe('verified')
    expect((await undo.inspect(stage.contextOf('i-1/plan-2'))).kind).toBe('done')
  })

  test('gives the old ones back where the new ones do not become healthy', async () => {
    const stage = onHosts('errors-62', { sickVersions: { 'v1.9.0': 'unhealthy' } })
    const [swap] = await stage.stepsOf(rollback)
    expect(await stage.carryOut(swap!)).toMatch(/^refused: backend on web-1: .*no database/)
    const now = await stage.standing()
    expect(now.filter((one) => one.includes(' serving '))).toEqual(
      places.map(([host, service]) => serving(host, service, 'v2.0.0')),
    )
  })

  test('pulls what lies on no host any more, and says where that is nowhere', async () => {
    const stage = onHosts('errors-62')
    const [before] = await stage.stepsOf(rollback)
    const local = await stage.world.containers!.localImages(services, patience())
    for (const { image } of local) stage.onHosts.removeImage(image)
    const { prepare } = stage.runbook.bind(before!)
    stage.change({ missingVersions: ['v1.9.0'] })
    const prepared = () => prepare?.(stage.contextOf('i-1/plan-1'), () => undefined)
    expect(await prepared()).toMatchObject({ ok: false, says: expect.stringMatching(/not found$/) })
    stage.change({ missingVersions: [] })
    expect(await prepared()).toMatchObject({ ok: true })
    expect(await stage.carryOut(before!)).toMatch(/^verified: /)
  })

  test('does not begin where somebody deployed meanwhile', async () => {
    const stage = onHosts('errors-62')
    const [swap] = await stage.stepsOf(rollback)
    stage.onHosts.composeUp('backend')
    const before = await stage.standing()
    expect(await stage.carryOut(swap!)).toMatch(/^blocked: backend on web-1: /)
    expect(await stage.standing()).toEqual(before)
  })
})

describe('broken off at any of its writes, before it is sent or when its reply is lost', () => {
  const swapOf = async (stage: ReturnType<typeof onHosts>): Promise<PlannedStep> =>
    (await stage.stepsOf(rollback))[0]!
  const undoOf = (stage: ReturnType<typeof onHosts>, swap: PlannedStep): PlannedStep => {
    const { onUndo } = stage.runbook.bind(swap)
    if (onUndo?.kind !== 'invert') throw new Error('a swap is inverted')
    return onUndo.step
  }
  const all = (version: string) => places.map(([host, service]) => serving(host, service, version))
  const servingNow = async (stage: ReturnType<typeof onHosts>) =>
    (await stage.standing()).filter((one) => one.includes(' serving '))

  test.each(['before', 'after'] as const)('%s: it goes on to the same end', async (when) => {
    const whole = onHosts('errors-62')
    await whole.carryOut(await swapOf(whole))
    const writes = whole.break(null)
    expect(writes).toBeGreaterThan(15)
    const end = await whole.standing()
    for (let call = 1; call <= writes; call += 1) {
      const stage = onHosts('errors-62')
      const swap = await swapOf(stage)
      stage.break({ call, when })
      expect(await stage.carryOut(swap), `write ${call}`).toMatch(/^verified: /)
      expect(await stage.standing(), `write ${call}`).toEqual(end)
    }
  })

  test.each(['before', 'after'] as const)('%s: so does its undo', async (when) => {
    for (let call = 1, writes = 1; call <= writes; call += 1) {
      const stage = onHosts('errors-62')
      const swap = await swapOf(stage)
      await stage.carryOut(swap)
      stage.break({ call, when })
      const said = await stage.carryOut(undoOf(stage, swap), 'i-1/plan-2')
      writes = Math.max(writes, stage.break(null))
      expect(said, `write ${call}`).toMatch(/^verified: /)
      expect(await servingNow(stage), `write ${call}`).toEqual(all('v2.0.0'))
    }
  })

  test.each(['before', 'after'] as const)('%s: so does giving back', async (when) => {
    for (let call = 1, writes = 1; call <= writes; call += 1) {
      const stage = onHosts('errors-62', { sickVersions: { 'v1.9.0': 'exits' } })
      const swap = await swapOf(stage)
      stage.break({ call, when })
      const said = await stage.carryOut(swap)
      writes = Math.max(writes, stage.break(null))
      expect(said, `write ${call}`).toMatch(/^(refused|failed): .*the old one serves again/)
      expect(await servingNow(stage), `write ${call}`).toEqual(all('v2.0.0'))
    }
  })
})

describe('whatever somebody else does after any of its writes', () => {
  const HANDS: Readonly<Record<string, (hands: SandboxWorld['onHosts']) => void>> = {
    'compose makes the backend anew': ({ composeUp }) => composeUp('backend'),
    'compose makes the frontend anew': ({ composeUp }) => composeUp('frontend'),
    'the backend is restarted': ({ restart }) => restart('pipeshub-backend-1'),
    'the frontend is restarted': ({ restart }) => restart('pipeshub-frontend-1'),
  }
  const cases = Object.keys(HANDS).flatMap((hand) =>
    ['rollback', 'undo', 'giving back'].map((what) => [hand, what] as const),
  )

  test.each(cases)(
    '%s during a %s: everywhere one serves, and no other runs',
    async (hand, what) => {
      for (let call = 1, writes = 1; call <= writes; call += 1) {
        const sick =
          what === 'giving back' ? { sickVersions: { 'v1.9.0': 'unhealthy' } as const } : {}
        const stage = onHosts('errors-62', sick)
        let [step] = await stage.stepsOf(rollback)
        if (what === 'undo') {
          await stage.carryOut(step!)
          const { onUndo } = stage.runbook.bind(step!)
          step = onUndo?.kind === 'invert' ? onUndo.step : step
        }
        stage.break({ call, when: 'after', hand: HANDS[hand]! })
        const said = await stage.carryOut(step!, what === 'undo' ? 'i-1/plan-2' : 'i-1/plan-1')
        writes = Math.max(writes, stage.break(null))
        const running = (await stage.standing()).filter((one) => one.includes(' running '))
        const where = running.map((one) =>
          places.find(([host, service]) => one.startsWith(`${host} pipeshub-${service}-`)),
        )
        expect(where, `write ${call}: ${said}`).toEqual(places)
      }
    },
  )
})
