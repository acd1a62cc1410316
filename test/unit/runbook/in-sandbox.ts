import type { PlanRequest } from '../../../src/domain/plan/plan-request.ts'
import { createHash } from 'node:crypto'
import type { Event } from '../../../src/domain/incident/event.ts'
import type { Incident } from '../../../src/domain/incident/incident.ts'
import { canonical } from '../../../src/domain/plan/canonical.ts'
import type { Draft, PlannedStep } from '../../../src/domain/plan/plan.ts'
import type { BoundStep } from '../../../src/engine/run/step.ts'
import { runbookOver } from '../../../src/runbook/runbook.ts'
import type { RunbookSettings } from '../../../src/runbook/parts/settings.ts'
import type { ScenarioName } from '../../../src/sandbox/scenario.ts'
import type { DataOptions } from '../../../src/sandbox/database/simulated-data.ts'
import type { SimulatedConfigMap } from '../../../src/sandbox/kubernetes/config-maps.ts'
import type { SimulatedFlag } from '../../../src/sandbox/flag-stores.ts'
import { FLAG } from '../../../src/sandbox/production.ts'
import type { Placement } from '../../../src/sandbox/docker/hosts.ts'
import { sandboxWorld } from '../../../src/sandbox/world.ts'
import { atMs, declared, incidentAfter, opened } from '../../support/builders.ts'
import { assessSettings, runbookSettingsOf } from '../../support/contracts/settings.ts'
import { patience } from '../../support/contracts/outside.ts'
import { writeContextOn } from './write-context.ts'
import {
  planRequested,
  rollback,
  runEnded,
  runStarted,
  stepStarted,
  stepSucceeded,
} from '../../support/plan-story.ts'

/** Scales the frontend, and is suspended with it. */
const scaler = { kind: 'ScaledObject', namespace: 'production', name: 'queue' } as const

export const settings: RunbookSettings = {
  ...runbookSettingsOf(assessSettings),
  kubernetes: {
    namespace: 'production',
    services: ['backend', 'frontend'],
    releaseWindowMs: 30 * 60_000,
    suspend: [scaler],
  },
}

export const KEY = 'i-1/plan-1'

type Staged = {
  readonly scenario?: ScenarioName
  readonly placement?: Placement
  readonly database?: DataOptions
  readonly flags?: Readonly<Record<string, SimulatedFlag>>
  readonly configMaps?: Readonly<Record<string, SimulatedConfigMap>>
  /** 0: nothing takes time. */
  readonly slowestMs?: number
}

/** Over a simulated production whose release v2.0.0 is bad, and a clock to turn. */
export function overSandbox(
  platform: 'kubernetes' | 'docker',
  planned: RunbookSettings,
  { scenario = 'errors-62', ...options }: Staged = {},
) {
  let nowMs = atMs
  const clock = { now: () => nowMs }
  const settled = { scenario, clock, settings: assessSettings, platform }
  const sandbox = sandboxWorld({ ...settled, ...options })
  const { world } = sandbox
  const runbook = runbookOver(world, planned)
  const pass = (seconds: number): void => {
    nowMs += seconds * 1_000
  }
  const context = (key = KEY) => writeContextOn(world, key)
  const resolve = (request: PlanRequest, incident = incidentAfter(opened, declared)) =>
    runbook.resolve(request, incident, patience())

  async function drafted(request: PlanRequest, incident?: Incident): Promise<Draft> {
    const resolved = await resolve(request, incident)
    if (resolved.kind === 'infeasible') throw new Error(resolved.because)
    return resolved.draft
  }

  return {
    ...sandbox,
    runbook,
    pass,
    context,
    resolve,
    drafted,
    /** Why there is no plan; `null` when there is one. */
    async problem(request: PlanRequest, incident?: Incident): Promise<string | null> {
      const resolved = await resolve(request, incident)
      return resolved.kind === 'infeasible' ? resolved.because : null
    },
    /** One step of what a request comes to. */
    async stepOf(request: PlanRequest, index = 0): Promise<BoundStep> {
      return runbook.bind((await drafted(request)).steps[index]!)
    },
    /** Looked at, applied where it is needed, and asked for its proof, again and again for two minutes. */
    async carryOut(step: BoundStep | PlannedStep, key = KEY) {
      const bound = 'input' in step ? runbook.bind(step) : step
      let first: string | null = null
      for (let seconds = 0; ; seconds += 1) {
        const found = await bound.inspect(context(key))
        first ??= found.kind
        const done = found.kind === 'needed' ? await found.apply(context(key)) : null
        if (done?.kind === 'refused') {
          return { found: first, proof: { ...done, kind: 'failed' as const } }
        }
        const proof = await bound.verify(context(key))
        if (proof.kind !== 'not-yet' || seconds >= 120) return { found: first, proof }
        pass(1)
      }
    },
  }
}

/** The runbook over Deployments. */
export function inSandbox(
  changes: Partial<RunbookSettings> = {},
  staged: Pick<Staged, 'scenario' | 'flags' | 'configMaps'> = {},
) {
  const { flags = {}, configMaps = {} } = staged
  const sandbox = overSandbox('kubernetes', { ...settings, ...changes }, staged)
  sandbox.others.keep({ ...scaler, version: null, scales: 'frontend' })
  const { deployments, cache, owners } = sandbox.world
  if (!deployments || !cache || !owners) throw new Error('the sandbox has everything')
  const keyAt = (name: string) => sandbox.world.configMaps?.find(name, FLAG, patience())
  const storedAt = (name: string) => sandbox.world.flagStores?.look(name, null, patience())
  return {
    ...sandbox,
    deployments,
    cache,
    owners,
    releaseOf: async (service: string) => (await deployments.releases([service], patience()))[0]!,
    /** What steps can change, as it stands now. */
    async standing() {
      const { key, messageKey } = settings.maintenance
      const [releases, texts, keys, kept, stored, values] = await Promise.all([
        deployments.releases(['backend', 'frontend'], patience()),
        Promise.all([key, messageKey].map((name) => cache.readText(name, patience()))),
        cache.count(settings.cache, patience()),
        owners.list([scaler], patience()),
        Promise.all(Object.keys(flags).map(async (name) => storedAt(name))),
        Promise.all(Object.keys(configMaps).map(async (name) => keyAt(name))),
      ])
      return { releases, texts, keys: keys.keys, kept, stored, values }
    },
  }
}

export function digestOf(draft: Draft): string {
  return createHash('sha256').update(canonical(draft)).digest('hex')
}

/** An incident whose first plan was proposed and carried on by these events. */
export function incidentWith(
  draft: Draft,
  events: readonly Event[],
  request: PlanRequest = rollback,
): Incident {
  const proposal = { ...draft, digest: digestOf(draft), expectedMs: null }
  const plan: Event = { type: 'plan-proposed', plan: 1, proposal }
  return incidentAfter(opened, declared, planRequested(request), plan, runStarted, ...events)
}

export type Sandbox = ReturnType<typeof inSandbox>
/** Of either platform. */
export type AnySandbox = ReturnType<typeof overSandbox>

/** Every step over Deployments, as the first plan that holds it makes it. */
export const everyStep: Readonly<Record<string, readonly [request: PlanRequest, index: number]>> = {
  'restore-revisions': [rollback, 0],
  'clear-cache': [rollback, 1],
  'prove-services': [rollback, 2],
  'scale-workload': [{ kind: 'scale-down', service: 'backend' }, 0],
  'restart-workload': [{ kind: 'restart', service: 'backend' }, 0],
  'suspend-owner': [{ kind: 'scale-down', service: 'frontend' }, 0],
  'set-maintenance': [{ kind: 'maintenance', on: true }, 0],
}
export const stepFrom = (
  sandbox: AnySandbox,
  [request, index]: readonly [PlanRequest, number],
): Promise<BoundStep> => sandbox.stepOf(request, index)
export const stepIn = (sandbox: AnySandbox, id: string) => stepFrom(sandbox, everyStep[id]!)

export async function look(sandbox: AnySandbox, step: BoundStep, key = KEY) {
  return step.inspect(sandbox.context(key))
}

export async function toApply(sandbox: AnySandbox, step: BoundStep) {
  const found = await look(sandbox, step)
  if (found.kind !== 'needed') throw new Error(`it is ${found.kind}`)
  return found
}

/** The steps of a rollback with cache and proof, each of them done. */
export const ALL_DONE = [
  stepStarted(),
  stepSucceeded(),
  stepStarted(1),
  stepSucceeded(1),
  stepSucceeded(2, false),
  runEnded(),
]
